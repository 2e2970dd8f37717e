package profile

import (
	"fmt"
	"regexp"
	"time"
)

var durationForm = regexp.MustCompile(
	`^([0-9]{1,4}h)?([0-9]{1,6}m)?([0-9]{1,6}(\.[0-9]{1,3})?s)?([0-9]{1,6}ms)?$`)

// String returns it as the profile writes it, "10s".
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText returns it as the profile writes it, "10s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "10s", "1m30s" or "250ms".
func (d *Duration) UnmarshalText(text []byte) error {
	if len(text) == 0 || !durationForm.Match(text) {
		return fmt.Errorf("must be a duration such as 10s, 1m30s or 250ms, is %q", text)
	}
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("reading duration %q: %w", text, err)
	}
	*d = Duration(parsed)
	return nil
}
