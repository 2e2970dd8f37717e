package customerspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/internal/apierror"
)

// bodyLimit is the largest body that is taken, in bytes.
const bodyLimit = 64 << 10

// decode reads a JSON object, whatever the content type says (wire.md, section 7: curl's --data-raw says that it is a
// form), into v, and returns it as it was sent. Fields that v does not have are not looked at.
func (c *call) decode(v any) ([]byte, error) {
	body, err := readBody(c.request.Body)
	if err != nil {
		return nil, err
	}
	return body, asField(json.Unmarshal(body, v))
}

// readBody reads a body that is one JSON object.
func readBody(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, bodyLimit+1))
	body = bytes.TrimSpace(body)
	switch {
	case len(body) > bodyLimit:
		return nil, refuse(http.StatusRequestEntityTooLarge, apierror.TooLarge, "")
	case err != nil:
		return nil, refuse(http.StatusBadRequest, apierror.InvalidBody, "The body ended before its end.")
	case len(body) == 0:
		return nil, refuse(http.StatusBadRequest, apierror.MissingBody, "")
	case !utf8.Valid(body) || !json.Valid(body):
		return nil, refuse(http.StatusBadRequest, apierror.InvalidBody, "")
	case body[0] != '{':
		return nil, refuse(http.StatusBadRequest, apierror.InvalidBody, "The body must be a JSON object.")
	}
	return body, nil
}

// asField turns an error of the decoder into one that names the field.
func asField(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return &InvalidError{Field: wrong.Field, Message: "must not be a JSON " + wrong.Value}
	}
	if err != nil {
		return refuse(http.StatusBadRequest, apierror.InvalidField, "The body cannot be read: "+err.Error()+".")
	}
	return nil
}
