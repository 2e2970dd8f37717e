package prove_test

import (
	"fmt"
	"strings"
	"testing"
	"os"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/partner/defect"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	m.Run()
}

func TestTry(t *testing.T) {
	o := prove.Options{Defects: []defect.Defect{}}
	if s := os.Getenv("ONLY"); s != "" { o.Only = strings.Split(s, ",") }
	m, err := prove.Run(t.Context(), o)
	if err != nil { t.Fatal(err) }
	for _, v := range m.Variants {
		if v.Outcome == prove.Green { continue }
		fmt.Println(v.Name, v.Mode, v.Outcome, v.DurationMs)
		for _, a := range v.Alarms { fmt.Printf("   %s %s %s\n     want %s\n     seen %.300s\n", a.Requirement, a.Verdict, a.Scenario, a.Expected, a.Seen) }
	}
	fmt.Printf("%+v %d\n", m.Summary, m.DurationMs)
}
