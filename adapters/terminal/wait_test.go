package terminal

import (
	"testing"
	"time"
)

func TestParseWait(t *testing.T) {
	const layout = "2006-01-02 15:04 MST"
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		t.Helper()
		when, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	// Clocks in Berlin go forward on 2026-03-29 at 02:00 and back on
	// 2026-10-25 at 03:00. 2026-11-23 is a Monday.
	second := at("2026-10-25 01:30").Add(2 * time.Hour) // 02:30 CET
	for _, c := range []struct {
		now         time.Time
		typed, want string
		err         error
	}{
		{at("2026-11-23 08:00"), "7d", "2026-11-30 08:00 CET", nil},
		{at("2026-11-23 08:00"), "7 days", "2026-11-30 08:00 CET", nil},
		{at("2026-11-23 08:00"), "2 Weeks", "2026-12-07 08:00 CET", nil},
		{at("2026-11-23 08:00"), "1d12h", "2026-11-24 20:00 CET", nil},
		{at("2026-11-23 08:00"), "3h", "2026-11-23 11:00 CET", nil},
		{at("2026-11-23 08:00"), "1 hour 5 minutes", "2026-11-23 09:05 CET", nil},
		{at("2026-11-23 08:00"), "90min", "2026-11-23 09:30 CET", nil},
		{at("2026-11-23 08:00"), "400d", "2027-12-28 08:00 CET", nil},
		{at("2026-11-23 08:00"), "until monday 09:00", "2026-11-23 09:00 CET", nil},
		{at("2026-11-23 09:00"), "until monday 09:00", "2026-11-30 09:00 CET", nil},
		{at("2026-11-23 09:00"), "until Monday", "2026-11-30 09:00 CET", nil},
		{at("2026-11-23 09:00"), "until sun 9:00", "2026-11-29 09:00 CET", nil},
		{at("2026-11-23 09:00"), "until 09:00", "2026-11-24 09:00 CET", nil},
		{at("2026-11-23 09:00"), "until 17:30", "2026-11-23 17:30 CET", nil},
		{at("2026-11-23 09:00"), "until today 17:30", "2026-11-23 17:30 CET", nil},
		{at("2026-11-23 09:00"), "until tomorrow", "2026-11-24 09:00 CET", nil},
		{at("2026-11-30 09:00"), "until tomorrow 08:00", "2026-12-01 08:00 CET", nil},
		{at("2026-11-23 09:00"), "until 2026-12-24 09:00", "2026-12-24 09:00 CET", nil},
		{at("2026-11-23 09:00"), "until 2026-12-24", "2026-12-24 09:00 CET", nil},

		// Days keep the time of day over a change, hours are elapsed time.
		{at("2026-03-28 12:00"), "1d", "2026-03-29 12:00 CEST", nil},
		{at("2026-03-28 12:00"), "24h", "2026-03-29 13:00 CEST", nil},
		{at("2026-10-24 12:00"), "1d", "2026-10-25 12:00 CET", nil},
		{at("2026-10-24 12:00"), "24h", "2026-10-25 11:00 CET", nil},
		{at("2026-03-23 09:00"), "7d", "2026-03-30 09:00 CEST", nil},
		// What the clocks skip is the first instant after it.
		{at("2026-03-28 02:30"), "1d", "2026-03-29 03:00 CEST", nil},
		{at("2026-03-28 12:00"), "until sunday 02:30", "2026-03-29 03:00 CEST", nil},
		{at("2026-03-28 12:00"), "until 2026-03-29 02:00", "2026-03-29 03:00 CEST", nil},
		// What comes twice is the next of the two.
		{at("2026-10-24 12:00"), "until sunday 02:30", "2026-10-25 02:30 CEST", nil},
		{at("2026-10-25 00:30").Add(2 * time.Hour), "until 02:30", "2026-10-25 02:30 CET", nil},
		{second, "until 02:30", "2026-10-26 02:30 CET", nil},

		{at("2026-11-23 09:00"), "until today 08:00", "", errPast},
		{at("2026-11-23 09:00"), "until 2026-11-23 09:00", "", errPast},
		{at("2026-11-23 09:00"), "until 2026-11-01", "", errPast},
		{at("2026-11-23 09:00"), "0d", "", errPast},
		{at("2026-11-23 09:00"), "401d", "", errFar},
		{at("2026-11-23 09:00"), "99999999999999999999d", "", errFar},
		{at("2026-11-23 09:00"), "400d400d400d", "", errFar},
		{at("2026-11-23 09:00"), "until 2999-01-01", "", errFar},
		{at("2026-11-23 09:00"), "", "", errWait},
		{at("2026-11-23 09:00"), "7", "", errWait},
		{at("2026-11-23 09:00"), "7 fortnights", "", errWait},
		{at("2026-11-23 09:00"), "-7d", "", errWait},
		{at("2026-11-23 09:00"), "until", "", errWait},
		{at("2026-11-23 09:00"), "until then", "", errWait},
		{at("2026-11-23 09:00"), "until monday 25:00", "", errWait},
		{at("2026-11-23 09:00"), "until 2026-02-30", "", errWait},
		{at("2026-11-23 09:00"), "until monday 09:00 sharp", "", errWait},
	} {
		to, err := parseWait(c.typed, c.now)
		got := ""
		if err == nil {
			got = to.Format(layout)
		}
		if err != c.err || got != c.want {
			t.Errorf("%s, wait %q: %s, %v; want %s, %v", c.now.Format(layout), c.typed, got, err, c.want, c.err)
		}
	}
}

func FuzzWait(f *testing.F) {
	for _, s := range []string{"7d", "1d12h", "until monday 09:00", "until 2026-03-29 02:30", "until 02:30"} {
		f.Add(s, int64(1774742400))
	}
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string, unix int64) {
		now := time.Unix(unix%(1<<33), 0).In(loc)
		to, err := parseWait(s, now)
		if err == nil && !to.After(now) {
			t.Errorf("wait %q leads from %v back to %v", s, now, to)
		}
		if err == nil && to.Sub(now) > (farthest+3)*24*time.Hour {
			t.Errorf("wait %q leads from %v as far as %v", s, now, to)
		}
	})
}
