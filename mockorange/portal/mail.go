package portal

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/clementine-ope/clementine/internal/database"
)

//go:embed letters/*.txt
var letters embed.FS

// The kinds of mail; a decision's mail has the name of the state that it led to.
const (
	mailActivation = "activation"
	mailKnown      = "known"
	mailInvitation = "invitation"
)

// keptMail is how many messages the mailbox keeps.
const keptMail = 2000

// letter is a mail to be written.
type letter struct {
	kind, to, lang             string
	link                       string // path
	offer, application, reason string
}

// write puts a mail into the mailbox, with whatever else tx writes. The first line of its text is the subject.
func (s *Service) write(ctx context.Context, tx *database.Tx, l letter) error {
	if l.lang != "fr" {
		l.lang = "en"
	}
	text, err := letters.ReadFile("letters/" + l.kind + "." + l.lang + ".txt")
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	page, err := template.New(l.kind).Parse(string(text))
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	link := s.opts.BaseURL() + l.link
	offer, _ := FindOffer(l.offer)
	var body bytes.Buffer
	if err := page.Execute(&body, map[string]string{
		"Link": link, "Offer": offer.Name, "Application": l.application, "Reason": l.reason, "To": l.to,
	}); err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	subject, rest, _ := strings.Cut(body.String(), "\n")
	if _, err := tx.Exec(ctx, "INSERT INTO portal_mail (at, recipient, kind, lang, subject, body, link) VALUES (?, ?, ?, ?, ?, ?, ?)",
		s.now().UnixMilli(), l.to, l.kind, l.lang, subject, strings.TrimSpace(rest), link); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "DELETE FROM portal_mail WHERE seq <= (SELECT MAX(seq) FROM portal_mail) - ?", keptMail)
	return err
}

// Mailbox returns the mail to an address, newest first: 200 at most; an empty address is everybody, and what is none has no mail.
func (s *Service) Mailbox(ctx context.Context, to string) ([]Mail, error) {
	var v violations
	if to = strings.TrimSpace(to); to != "" {
		to = v.email("to", to)
	}
	if v.err() != nil {
		return nil, nil
	}
	var out []Mail
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var m Mail
			var at int64
			err := row.Scan(&m.ID, &at, &m.To, &m.Kind, &m.Lang, &m.Subject, &m.Text, &m.Link)
			m.At = instant(at)
			out = append(out, m)
			return err
		}, "SELECT seq, at, recipient, kind, lang, subject, body, link FROM portal_mail WHERE recipient = ? OR ? = '' ORDER BY seq DESC LIMIT 200", to, to)
	})
	return out, wrap("read the mailbox", err)
}
