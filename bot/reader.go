package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A reader takes the keys of a configuration one by one. Its methods note
// faults instead of returning errors, so that one pass reports all of them; a
// key that is absent or at fault leaves what was there.
type reader struct {
	*document
	env          Env
	faults       ConfigFaults
	warnings     []string
	asked        []string
	secretInFile bool
}

func newReader(env Env, file string, src []byte) *reader {
	d := readDocument(file, src)
	return &reader{document: d, env: env, faults: d.faults}
}

func (r *reader) fault(p place, key, format string, args ...any) {
	r.faults = append(r.faults, ConfigFault{p, key, fmt.Sprintf(format, args...)})
}

// faultOf is a fault of a secret, at the place it came from.
func (r *reader) faultOf(s Secret, key, text string) {
	for _, v := range r.values {
		if v.place.String() == s.source {
			r.fault(v.place, key, "%s", text)
			return
		}
	}
	r.fault(place{file: s.source}, "", "%s", text)
}

// named reports whether one of keys stands in the file and is not an empty
// text. It may still have a fault of its own.
func (r *reader) named(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool {
		v := r.values[k]
		return v != nil && (v.shape != isText || v.text != "")
	})
}

// take returns the value of a key if it is there and has the right shape.
func (r *reader) take(key string, want shape) *setting {
	r.asked = append(r.asked, key)
	v := r.values[key]
	if v == nil {
		return nil
	}
	if v.shape != want {
		r.fault(v.place, key, "must be %s, not %s", want, v.shape)
		return nil
	}
	return v
}

// text reads a text. check returns what is wrong with it, or "".
func (r *reader) text(key string, to *string, check func(string) string) {
	v := r.take(key, isText)
	if v == nil {
		return
	}
	if fault := check(v.text); fault != "" {
		r.fault(v.place, key, "%s", fault)
		return
	}
	*to = v.text
}

// choice reads one of a few words.
func (r *reader) choice(key string, to *string, of ...string) {
	r.text(key, to, func(v string) string {
		if slices.Contains(of, v) {
			return ""
		}
		return "must be one of " + strings.Join(of, ", ") + meant(v, of)
	})
}

// meant is a hint at the nearest of the known words, or "".
func meant(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

func matching(form *regexp.Regexp, fault string) func(string) string {
	return func(v string) string {
		if v == "" || form.MatchString(v) {
			return ""
		}
		return fault
	}
}

func (r *reader) weekday(key string, to *time.Weekday) {
	var names []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		names = append(names, strings.ToLower(d.String()))
	}
	name := names[*to]
	r.choice(key, &name, names...)
	*to = time.Weekday(slices.Index(names, name))
}

func (r *reader) number(key string, to *int, low, high int) {
	v := r.take(key, isNumber)
	switch {
	case v == nil:
	case v.number < low || v.number > high:
		r.fault(v.place, key, "must be between %d and %d", low, high)
	default:
		*to = v.number
	}
}

func (r *reader) flag(key string, to *bool) {
	if v := r.take(key, isFlag); v != nil {
		*to = v.flag
	}
}

// list reads texts of one form.
func (r *reader) list(key string, to *[]string, form *regexp.Regexp, fault string) {
	list := r.take(key, isList)
	if list == nil {
		return
	}
	var out []string
	for _, v := range list.list {
		switch {
		case v.shape != isText:
			r.fault(v.place, key, "must hold texts in quotes, not %s", v.shape)
		case !form.MatchString(v.text):
			r.fault(v.place, key, "%s", fault)
		case slices.Contains(out, v.text):
			r.fault(v.place, key, "holds the same twice")
		default:
			out = append(out, v.text)
		}
	}
	*to = out
}

// secret reads a secret from the file and the environment; more than one source
// is a fault, since nobody could say which one holds. An empty one is not set.
func (r *reader) secret(key, variable string, check func(string) string) Secret {
	found := r.secretSources(variable)
	if key != "" {
		if v := r.take(key, isText); v != nil && v.text != "" {
			found = append([]Secret{newSecret(v.text, v.place.String())}, found...)
			r.secretInFile = r.secretInFile || key != "database.url"
		}
	}
	if len(found) == 0 {
		return Secret{}
	}
	for _, other := range found[1:] {
		r.faultOf(found[0], key, "is given twice, here and by "+other.source+"; keep one")
	}
	if check != nil {
		for _, s := range found {
			if fault := check(s.Reveal()); fault != "" {
				r.faultOf(s, key, fault)
			}
		}
	}
	return found[0]
}

// listen reads an address to listen on; "" is off where check is nil.
func (r *reader) listen(key string, to *string, check func(string) string) {
	r.text(key, to, func(v string) string {
		if v == "" && check == nil {
			return ""
		}
		if !listenable(v) {
			return "must be host:port, such as \"127.0.0.1:8080\""
		}
		if check != nil {
			return check(v)
		}
		return ""
	})
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$`)

func listenable(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65535 {
		return false
	}
	if strings.Trim(host, "0123456789.") == "" || strings.Contains(host, ":") { // a number
		_, err := netip.ParseAddr(host)
		return host == "" || err == nil
	}
	return hostName.MatchString(host)
}

// apiURL reads where a platform is called. Only this machine may be called
// without encryption, since every call carries a token.
func (r *reader) apiURL(key string, to *string) {
	r.text(key, to, func(v string) string {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return "must be an address such as \"https://example.org/api/\", without a name, a password or a query"
		}
		local := r.thisMachine(net.JoinHostPort(u.Hostname(), "0")) == ""
		if u.Scheme != "https" && !(u.Scheme == "http" && local) {
			return "must start with https://, since every call carries a token"
		}
		return ""
	})
}

// pair checks that two keys stand together or not at all.
func (r *reader) pair(a, b string) {
	for range 2 {
		if r.named(a) && !r.named(b) {
			r.fault(r.values[a].place, a, "also needs %s", b)
		}
		a, b = b, a
	}
}

// unknown reports sections and keys that nobody asked for.
func (r *reader) unknown() {
	known := r.sectionNames()
	for _, h := range r.headers {
		switch {
		case slices.Contains(known, h):
		case slices.Contains(r.asked, h):
			r.fault(place{r.file, r.tables[h]}, h, "is a key, not a section")
		default:
			r.fault(place{r.file, r.tables[h]}, "", "unknown section%s%s", quoted(h), meant(h, known))
		}
	}
	for _, key := range r.keys {
		section, name := splitKey(key)
		if slices.Contains(r.asked, key) || r.tables[section] > 0 && !slices.Contains(known, section) {
			continue
		}
		at := r.values[key].place
		switch {
		case slices.Contains(known, key):
			r.fault(at, key, "is a section: write [%s] on a line of its own", key)
		case !slices.Contains(known, section):
			r.fault(at, "", "unknown key%s%s", quoted(key), r.hint(section, name))
		default:
			r.fault(at, "", "unknown key%s in [%s]%s", quoted(name), section, r.hint(section, name))
		}
	}
}

func splitKey(key string) (section, name string) {
	i := strings.LastIndexByte(key, '.')
	return key[:max(i, 0)], key[i+1:]
}

// sectionNames are the sections that have keys.
func (r *reader) sectionNames() []string {
	var names []string
	for _, key := range r.asked {
		section, _ := splitKey(key)
		if !slices.Contains(names, section) {
			names = append(names, section)
		}
	}
	return names
}

// hint says what an unknown key may have been meant to be: the nearest one of
// its section, or the same one of another.
func (r *reader) hint(section, name string) string {
	var here, elsewhere []string
	for _, key := range r.asked {
		s, n := splitKey(key)
		if s == section {
			here = append(here, n)
		} else if n == name {
			elsewhere = append(elsewhere, "["+s+"]")
		}
	}
	if len(elsewhere) > 0 {
		return "; it belongs in " + strings.Join(elsewhere, " or ")
	}
	return meant(name, here)
}

// quoted is a name of the file in quotes, if it may be repeated.
func quoted(name string) string {
	if plainKey.MatchString(name) {
		return fmt.Sprintf(" %q", name)
	}
	return " (its name is not repeated here)"
}
