package coach

import (
	"testing"
	"time"
)

// FuzzZonesNamed holds that each zone that a typed place may mean is one, and
// that the names of zones mean themselves.
func FuzzZonesNamed(f *testing.F) {
	for _, s := range []string{"", "Berlin", "utc+5:30", "GMT-12", "+14:00", "Etc/UTC", "new york", "../../etc/passwd", "Europe/Berlin", "Local", "ist", ", ", "a/b/c", "\x00/\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, name := range zonesNamed(s) {
			if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
				t.Errorf("zonesNamed(%q) gives %q: %v", s, name, err)
			}
			if again := zonesNamed(name); len(again) != 1 || again[0] != name {
				t.Errorf("zonesNamed(%q) gives %q, which gives %q", s, name, again)
			}
		}
	})
}

// FuzzParsePerson holds that what is read is written as it was.
func FuzzParsePerson(f *testing.F) {
	for _, s := range []string{"", "web/Demo/ada", "discord//1", "//", "a/b/c/d", "slack/E1/U1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := ParsePerson(s); ok && (p.String() != s || p.Platform == "" || p.User == "") {
			t.Errorf("ParsePerson(%q) = %+v", s, p)
		}
	})
}
