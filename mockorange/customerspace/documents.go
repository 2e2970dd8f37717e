package customerspace

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/apierror"
)

// wireDocument is a document as it goes over the wire, in the order of source 001.
type wireDocument struct {
	ID           string       `json:"id"`
	Filename     string       `json:"filename"`
	Period       string       `json:"period"`
	CreatedAt    string       `json:"createdAt"`
	UpdatedAt    string       `json:"updatedAt"`
	Amount       json.Number  `json:"amount"` // with the digits of the currency
	Currency     string       `json:"currency"`
	DocumentType DocumentType `json:"documentType"`
}

func showDocument(d Document) wireDocument {
	return wireDocument{
		ID: d.ID, Filename: d.Filename, Period: d.Period, CreatedAt: wireTime(d.CreatedAt), UpdatedAt: wireTime(d.UpdatedAt),
		Amount: json.Number(billing.Currency(d.Currency).Format(billing.Minor(d.Amount))), Currency: d.Currency, DocumentType: d.Type,
	}
}

// parameter reads a parameter of the query. One that is empty counts as one that is not there: so it was recorded of
// documentType.
func (c *call) parameter(name string) (string, error) {
	values := c.request.URL.Query()[name]
	if len(values) > 1 {
		return "", refuse(http.StatusBadRequest, apierror.InvalidQuery, name+" may be given once.")
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[0], nil
}

// getDocuments lists the documents of a contract. For a type that it does not know it answers an object with a null, as
// was recorded of Orange (facts.md, section 4): "all" and the right spelling of consumption are two of them.
func (a *API) getDocuments(ctx context.Context, c *call) (answer, error) {
	contract, err := c.contract(true)
	if err != nil {
		return answer{}, err
	}
	kind, err := c.parameter("documentType")
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	filter := DocumentFilter{Type: DocumentType(kind), Limit: limit}
	known := kind == "" || slices.Contains(DocumentTypes(), filter.Type)
	if !known {
		// Whether the contract is within reach is still asked: out of reach, it has no documents of any type.
		filter = DocumentFilter{Limit: 1}
	}
	documents, err := a.store.Documents(ctx, c.scope, contract, filter)
	if err != nil {
		return answer{}, err
	}
	if !known {
		return respond(http.StatusOK, map[string]any{"documents": nil})
	}
	list := make([]wireDocument, 0, len(documents))
	for _, d := range documents {
		list = append(list, showDocument(d))
	}
	return respond(http.StatusOK, list)
}

// limit is the parameter of that name: a number from 1 on, or 0 where it is not given.
func (c *call) limit() (int, error) {
	text, err := c.parameter("limit")
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return 0, refuse(http.StatusBadRequest, apierror.InvalidQuery, "limit must be a number, 1 or more.")
	}
	return int(n), nil
}

// getFile answers the bytes of a document. The document names its contract; a contract header that names another one
// finds nothing.
func (a *API) getFile(ctx context.Context, c *call) (answer, error) {
	contract, err := c.contract(false)
	if err != nil {
		return answer{}, err
	}
	zipped, err := c.parameter("zipped")
	if err != nil {
		return answer{}, err
	}
	if zipped != "" && zipped != "0" && zipped != "1" {
		return answer{}, refuse(http.StatusBadRequest, apierror.InvalidQuery, "zipped must be 0 or 1.")
	}
	d, content, err := a.store.File(ctx, c.scope, contract, c.path("id"))
	if err != nil {
		return answer{}, err
	}
	name, media := d.Filename, mediaType(d.Filename)
	if zipped == "1" {
		if content, err = archive(d, content); err != nil {
			return answer{}, err
		}
		name, media = strings.TrimSuffix(name, filepath.Ext(name))+".zip", "application/zip"
	}
	return answer{status: http.StatusOK, media: media, body: content, header: map[string]string{
		"Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": name}),
	}}, nil
}

// mediaType goes by the name alone, and not by what the system knows.
func mediaType(filename string) string {
	switch strings.ToLower(filepath.Ext(filename)) {
	case ".pdf":
		return "application/pdf"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	case ".xml":
		return "application/xml"
	case ".zip":
		return "application/zip"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/octet-stream"
}

// archive packs a document's file; the same file makes the same bytes.
func archive(d Document, content []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: d.Filename, Method: zip.Deflate, Modified: d.UpdatedAt})
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("packing document %q: %w", d.ID, err)
	}
	return b.Bytes(), nil
}
