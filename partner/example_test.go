package partner_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
)

// A synchronous partner on a port of the system's choice.
func Example() {
	p, err := partner.New(partner.Options{Profile: &profile.Profile{
		Mode:      profile.Sync,
		Offerings: []profile.Offering{{Code: "NOTES-S", Name: "Notes Standard"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := p.Listen(); err != nil {
		fmt.Println(err)
		return
	}
	p.Start()
	defer p.Close(context.Background())

	res, err := http.Get(p.URL() + "/ping")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.StatusCode)
	// Output: 200
}
