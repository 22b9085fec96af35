package coach

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// zoneNames are the places of the IANA time zone database, one a line.
//
//go:embed zones.txt
var zoneNames string

// cities are well-known places that share the zone of another, and the short
// names of zones; several zones mean that it has to be asked back.
var cities = map[string][]string{
	"san francisco": {"America/Los_Angeles"}, "seattle": {"America/Los_Angeles"}, "portland": {"America/Los_Angeles", "America/New_York"},
	"boston": {"America/New_York"}, "washington": {"America/New_York", "America/Los_Angeles"}, "miami": {"America/New_York"}, "atlanta": {"America/New_York"},
	"montreal": {"America/Toronto"}, "ottawa": {"America/Toronto"}, "austin": {"America/Chicago"}, "dallas": {"America/Chicago"}, "houston": {"America/Chicago"},
	"rio": {"America/Sao_Paulo"}, "rio de janeiro": {"America/Sao_Paulo"}, "brasilia": {"America/Sao_Paulo"}, "quito": {"America/Guayaquil"},
	"munich": {"Europe/Berlin"}, "hamburg": {"Europe/Berlin"}, "cologne": {"Europe/Berlin"}, "frankfurt": {"Europe/Berlin"}, "geneva": {"Europe/Zurich"},
	"barcelona": {"Europe/Madrid"}, "milan": {"Europe/Rome"}, "naples": {"Europe/Rome"}, "lyon": {"Europe/Paris"}, "edinburgh": {"Europe/London"},
	"manchester": {"Europe/London"}, "rotterdam": {"Europe/Amsterdam"}, "porto": {"Europe/Lisbon"}, "krakow": {"Europe/Warsaw"}, "gothenburg": {"Europe/Stockholm"},
	"mumbai": {"Asia/Kolkata"}, "delhi": {"Asia/Kolkata"}, "new delhi": {"Asia/Kolkata"}, "bangalore": {"Asia/Kolkata"}, "bengaluru": {"Asia/Kolkata"}, "chennai": {"Asia/Kolkata"}, "hyderabad": {"Asia/Kolkata", "Asia/Karachi"}, "pune": {"Asia/Kolkata"},
	"beijing": {"Asia/Shanghai"}, "shenzhen": {"Asia/Shanghai"}, "osaka": {"Asia/Tokyo"}, "hanoi": {"Asia/Ho_Chi_Minh"}, "saigon": {"Asia/Ho_Chi_Minh"}, "abu dhabi": {"Asia/Dubai"}, "tel aviv": {"Asia/Jerusalem"}, "islamabad": {"Asia/Karachi"}, "lahore": {"Asia/Karachi"},
	"abuja": {"Africa/Lagos"}, "cape town": {"Africa/Johannesburg"}, "pretoria": {"Africa/Johannesburg"}, "marrakesh": {"Africa/Casablanca"}, "kigali": {"Africa/Kigali"},
	"canberra": {"Australia/Sydney"}, "wellington": {"Pacific/Auckland"}, "birmingham": {"Europe/London", "America/Chicago"},
	"utc": {"UTC"}, "gmt": {"UTC"}, "cet": {"Europe/Berlin"}, "cest": {"Europe/Berlin"}, "bst": {"Europe/London", "Asia/Dhaka"},
	"est": {"America/New_York"}, "edt": {"America/New_York"}, "pst": {"America/Los_Angeles", "Asia/Manila"}, "pdt": {"America/Los_Angeles"},
	"cst": {"America/Chicago", "Asia/Shanghai", "America/Havana"}, "mst": {"America/Denver"}, "jst": {"Asia/Tokyo"},
	"ist": {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}, "germany": {"Europe/Berlin"}, "france": {"Europe/Paris"}, "spain": {"Europe/Madrid"}, "uk": {"Europe/London"}, "india": {"Asia/Kolkata"}, "japan": {"Asia/Tokyo"}, "kenya": {"Africa/Nairobi"}, "nigeria": {"Africa/Lagos"},
}

// offsetTyped reads an offset from UTC: UTC+2, GMT-03:30, +5:30.
var offsetTyped = regexp.MustCompile(`^(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?$`)

// zonesNamed returns the IANA zones a typed place may mean: none if it is not
// known, more than one if it has to be asked back.
func zonesNamed(typed string) []string {
	s := strings.ToLower(strings.TrimSpace(strings.ReplaceAll(typed, "_", " ")))
	s = strings.Trim(s, ".,")
	if s == "" || len(s) > 60 {
		return nil
	}
	if m := offsetTyped.FindStringSubmatch(s); m != nil {
		return zoneAtOffset(m[1], m[2], m[3])
	}
	if zones, ok := cities[s]; ok {
		return zones
	}
	if exact := strings.TrimSpace(typed); strings.Contains(exact, "/") && len(usable(exact)) == 1 {
		return []string{exact} // such as Etc/UTC, which forms are filled in with
	}
	s = strings.ReplaceAll(s, ", ", "/")
	var last, part []string
	for _, name := range strings.Fields(zoneNames) {
		plain := strings.ToLower(strings.ReplaceAll(name, "_", " "))
		city := plain[strings.LastIndexByte(plain, '/')+1:]
		switch {
		case plain == s:
			return usable(name)
		case city == s:
			last = append(last, name)
		case len(s) >= 4 && strings.HasPrefix(city, s):
			part = append(part, name)
		}
	}
	if len(last) > 0 {
		return usable(last...)
	}
	if len(part) == 1 || len(part) > 1 && len(part) <= 6 {
		return usable(part...)
	}
	return nil
}

// zoneAtOffset names a fixed offset. IANA writes the sign the other way round,
// and knows whole hours only; the zones with a half are places.
func zoneAtOffset(sign, hours, minutes string) []string {
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	switch {
	case h == 0 && m == 0:
		return []string{"UTC"}
	case m == 0 && sign == "+" && h <= 14:
		return usable(fmt.Sprintf("Etc/GMT-%d", h))
	case m == 0 && sign == "-" && h <= 12:
		return usable(fmt.Sprintf("Etc/GMT+%d", h))
	}
	half := map[string]string{
		"+3:30": "Asia/Tehran", "+4:30": "Asia/Kabul", "+5:30": "Asia/Kolkata", "+5:45": "Asia/Kathmandu", "+6:30": "Asia/Yangon",
		"+8:45": "Australia/Eucla", "+9:30": "Australia/Darwin", "+10:30": "Australia/Lord_Howe", "+12:45": "Pacific/Chatham",
		"-3:30": "America/St_Johns", "-9:30": "Pacific/Marquesas",
	}
	if name, ok := half[fmt.Sprintf("%s%d:%02d", sign, h, m)]; ok {
		return usable(name)
	}
	return nil
}

// usable keeps the zones this machine has data for, each once.
func usable(names ...string) []string {
	out := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		_, err := time.LoadLocation(n)
		return err != nil
	})
	return slices.Compact(out)
}
