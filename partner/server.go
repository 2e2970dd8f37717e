package partner

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/wire"
)

// maxBody bounds what one request may send, in bytes.
const maxBody = 1 << 20

// answer is what a request gets; it is kept, so that a repetition gets the same bytes.
type answer struct {
	Status int
	Body   []byte
}

// endpoint does one call. An error that is a *wire.Error is shown to the caller, any other is logged and hidden.
type endpoint func(*gin.Context) (answer, error)

// routes are all endpoints of the partner. Without a gateway there is nobody to report a customer's change to.
func (p *Partner) routes(gateway bool) *gin.Engine {
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	_ = e.SetTrustedProxies(nil) // nil can't fail: nobody's X-Forwarded-For is believed
	e.Use(routed, gin.CustomRecoveryWithWriter(io.Discard, p.recovered))
	e.NoRoute(p.handle(func(*gin.Context) (answer, error) { return answer{}, wire.NotFound("such path") }))
	e.NoMethod(p.handle(func(c *gin.Context) (answer, error) {
		return answer{}, wire.MethodNotAllowed(c.Request.Method)
	}))

	e.GET(p.pingPath(), func(c *gin.Context) { c.Status(http.StatusOK) })

	orange := e.Group("", p.authenticate)
	orange.POST("/productordering/v2/productOrder", p.handle(p.postOrder))
	orange.POST("/userservice/v2/userService/update", p.handle(p.postUpdate))
	orange.GET("/userservice/v2/userService", p.handle(p.getLicences))
	if p.profile.Features.ConsultByID {
		orange.GET("/userservice/v2/userService/:id", p.handle(p.getLicence))
	}
	if gateway {
		p.toolRoutes(e.Group("/customer-tool/:licence"))
	}
	return e
}

func (p *Partner) pingPath() string {
	return "/" + strings.TrimLeft(cmp.Or(p.profile.Ping, "ping"), "/")
}

func (p *Partner) handle(do endpoint) gin.HandlerFunc {
	return func(c *gin.Context) {
		a, err := do(c)
		if err != nil {
			a = p.failure(c, err)
		}
		write(c, a)
	}
}

func write(c *gin.Context, a answer) {
	c.Data(a.Status, "application/json; charset=utf-8", a.Body)
}

// laterKey finds the tasks of a request in its context.
type laterKey struct{}

// later does a task once the answer to the request of ctx has left.
func later(ctx context.Context, task func()) {
	if tasks, ok := ctx.Value(laterKey{}).(*[]func()); ok {
		*tasks = append(*tasks, task)
		return
	}
	task()
}

// answering serves requests, then does what was left for later, also if the answer broke off.
func answering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var tasks []func()
		defer func() {
			for _, task := range tasks {
				task()
			}
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), laterKey{}, &tasks)))
		if len(tasks) > 0 {
			_ = http.NewResponseController(w).Flush() // a caller that has gone gets its event all the same
		}
	})
}

// failure is the only writer of refusals.
func (p *Partner) failure(c *gin.Context, err error) answer {
	var shown *wire.Error
	if !errors.As(err, &shown) {
		p.log.Error("request failed", "method", c.Request.Method, "path", c.Request.URL.Path, "error", err)
		shown = wire.Internal()
	}
	a, err := reply(shown.Status, shown)
	if err != nil {
		p.log.Error("refusal not written", "error", err)
		return answer{Status: http.StatusInternalServerError}
	}
	return a
}

func (p *Partner) recovered(c *gin.Context, cause any) {
	write(c, p.failure(c, fmt.Errorf("panic: %v", cause)))
	c.Abort()
}

func reply(status int, v any) (answer, error) {
	body, err := encode(v)
	if err != nil {
		return answer{}, fmt.Errorf("write the answer: %w", err)
	}
	return answer{Status: status, Body: body}, nil
}

// encode writes JSON as it was meant for people too: & stays &.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// read returns the body of a request, which may be empty.
func read(c *gin.Context) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, wire.TooLarge(maxBody)
	case err != nil:
		return nil, wire.InvalidBody("The body could not be read to its end.")
	}
	return body, nil
}

// decode reads the body as JSON into v, whatever its content type says. Fields that are not known are ignored (FAQ:
// mapping should not be strict).
func decode(c *gin.Context, v any) error {
	body, err := read(c)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return wire.MissingBody()
	}
	return parse(body, v)
}

func parse(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		return wire.InvalidField(cmp.Or(wrongType.Field, "The body"), "can't be a "+wrongType.Value)
	case errors.As(err, &syntax):
		return wire.InvalidBody(fmt.Sprintf("Not JSON at byte %d: %v.", syntax.Offset, syntax))
	default:
		return wire.InvalidBody(fmt.Sprintf("Not JSON: %v.", err))
	}
}
