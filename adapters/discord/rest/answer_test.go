package rest

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A said is an answer of a test's.
type said struct {
	status int
	body   string
	header map[string]string
}

// hear returns what a client makes of an answer.
func hear(t *testing.T, s said, into any) (*Client, error) {
	t.Helper()
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, v := range s.header {
			w.Header().Set(name, v)
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.body)
	})
	call := post()
	call.Route = "POST /channels/1/messages"
	return c, c.Do(t.Context(), call, into)
}

func TestYes(t *testing.T) {
	type created struct{ ID string }
	for name, c := range map[string]struct {
		said
		into any
		want bool
	}{
		"what was asked for":     {said{status: 200, body: `{"id":"1"}`}, new(created), true},
		"a list":                 {said{status: 200, body: `[{"id":"1"}]`}, new([]created), true},
		"created":                {said{status: 201, body: `{"id":"1"}`}, new(created), true},
		"nothing asked for":      {said{status: 204}, nil, true},
		"nothing, with an empty": {said{status: 200}, nil, true},
		"nothing, with a body":   {said{status: 200, body: ` {"id":"1"}`}, nil, true},
		"nothing, with a page":   {said{status: 200, body: "<html>Sign in</html>"}, nil, false},
		"a page":                 {said{status: 200, body: "<html>Sign in</html>"}, new(created), false},
		"empty":                  {said{status: 200}, new(created), false},
		"no content":             {said{status: 204}, new(created), false},
		"null":                   {said{status: 200, body: "null"}, new(created), false},
		"another kind":           {said{status: 200, body: `{"id":1}`}, new(created), false},
		"words":                  {said{status: 200, body: `"` + testWords + `"`}, new(created), false},
		"half":                   {said{status: 200, body: `{"id":"1"`}, new(created), false},
	} {
		_, err := hear(t, c.said, c.into)
		if (err == nil) != c.want {
			t.Errorf("%s: got %v, want success %v", name, err, c.want)
		}
		if err != nil {
			if e := failure(t, err); e.Status != 0 || !e.Left {
				t.Errorf("%s: got %+v, want status 0 and left, as it may have been done", name, e)
			}
		}
	}
}

func TestNo(t *testing.T) {
	coded := func(code int) string {
		return `{"message":"` + testWords + `","code":` + strconv.Itoa(code) + `}`
	}
	for name, c := range map[string]struct {
		said
		code int
		told bool
		text string
	}{
		"a code":            {said{status: 403, body: coded(50013)}, 50013, true, "Discord answers 50013 (missing permissions)"},
		"another code":      {said{status: 400, body: coded(99999)}, 99999, true, "Discord answers 99999"},
		"a code with 5xx":   {said{status: 503, body: coded(130000)}, 130000, true, "Discord answers 130000 (too much to do)"},
		"no code":           {said{status: 401, body: `{"message":"401: Unauthorized","code":0}`}, 0, true, "Discord answers with status 401"},
		"a page":            {said{status: 502, body: "<html>502</html>"}, 0, false, "an answer with status 502 that is not of Discord's API"},
		"a block":           {said{status: 403, body: "error code: 1020"}, 0, false, "an answer with status 403 that is not of Discord's API"},
		"an echo":           {said{status: 400, body: `{"content":"` + testWords + `"}`}, 0, false, "an answer with status 400 that is not of Discord's API"},
		"code without word": {said{status: 400, body: `{"code":50013}`}, 0, false, "an answer with status 400 that is not of Discord's API"},
		"code of words":     {said{status: 400, body: `{"message":"x","code":"` + testToken + `"}`}, 0, false, "an answer with status 400 that is not of Discord's API"},
		"a redirect":        {said{status: 302, header: map[string]string{"Location": "http://127.0.0.1/" + testToken}}, 0, false, "an answer with status 302 that is not of Discord's API"},
	} {
		_, err := hear(t, c.said, nil)
		e := failure(t, err)
		if e.Status != c.status || e.Code != c.code || e.Told != c.told || !e.Left || e.After != 0 || e.Error() != c.text {
			t.Errorf("%s: got %+v %q, want code %d, told %v, %q", name, e, e, c.code, c.told, c.text)
		}
	}
}

// What helps is kept: where in the body the fault is, by names and numbers.
func TestPlaces(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 200) + `{"_errors":[{"code":"X"}]}` + strings.Repeat(`}`, 200)
	for body, want := range map[string]string{
		`{"components":{"0":{"components":{"12":{"label":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"` + testWords + `"}]}}}}}}`: ", at components/0/components/12/label BASE_TYPE_MAX_LENGTH",
		`{"a":{"_errors":[{"code":"X"}]},"b":{"_errors":[]}}`:                                                                              ", at a X, b",
		`{"` + testWords + `":{"_errors":[{"code":"X"}]}}`:                                                                                 "",
		`{"a":{"_errors":[{"code":"` + testToken + `"}]}}`:                                                                                 ", at a",
		`{"a":{"_errors":"` + testToken + `"}}`:                                                                                            ", at a",
		`["` + testWords + `"]`:                                                                                                            "",
		`null`:                                                                                                                             "",
		deep:                                                                                                                               "",
		`{"a":{"_errors":[]},"b":{"_errors":[]},"c":{"_errors":[]},"d":{"_errors":[]},"e":{"_errors":[]},"f":{"_errors":[]}}`: ", at a, b, c, d, e",
	} {
		_, err := hear(t, said{status: 400, body: `{"message":"Invalid Form Body","code":50035,"errors":` + body + `}`}, nil)
		if got := failure(t, err).Error(); got != "Discord answers 50035 (a wrong body)"+want {
			t.Errorf("%.100s: got %q, want it to end in %q", body, got, want)
		}
	}
}

// TestAskedToWait has what can be said about waiting, and by whom.
func TestAskedToWait(t *testing.T) {
	told := func(after string) string { return `{"message":"slow","retry_after":` + after + `,"global":false}` }
	user := map[string]string{"X-RateLimit-Scope": "user", "X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1"}
	with := func(name, value string) map[string]string {
		all := maps.Clone(user)
		all[name] = value
		return all
	}
	for name, c := range map[string]struct {
		body   string
		header map[string]string
		after  time.Duration
		global bool
	}{
		"body":                  {told("3"), user, 3 * time.Second, false},
		"body with a fraction":  {told("0.25"), user, 250 * time.Millisecond, false},
		"header":                {told("0"), with("Retry-After", "65"), 65 * time.Second, false},
		"header is the larger":  {told("64.57"), with("Retry-After", "65"), 65 * time.Second, false},
		"body is the larger":    {told("64.57"), with("Retry-After", "6"), 64570 * time.Millisecond, false},
		"negative":              {told("-5"), with("Retry-After", "-5"), untold, false},
		"zero":                  {told("0"), with("Retry-After", "0"), untold, false},
		"no number":             {told("1"), with("Retry-After", "soon"), time.Second, false},
		"a date":                {told("1"), with("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"), time.Second, false},
		"not a number":          {told("0"), with("Retry-After", "NaN"), untold, false},
		"for ever":              {told("0"), with("Retry-After", "Inf"), untold, false},
		"very long":             {told("0"), with("Retry-After", "99999999999999"), time.Hour, false},
		"very long, body":       {told("1e300"), user, time.Hour, false},
		"nothing":               {"", user, untold, false},
		"words":                 {`{"message":"x","retry_after":"soon"}`, user, untold, false},
		"shared":                {told("3"), with("X-RateLimit-Scope", "shared"), 3 * time.Second, false},
		"global by header":      {told("3"), with("X-RateLimit-Global", "true"), 3 * time.Second, true},
		"global by scope":       {told("3"), with("X-RateLimit-Scope", "global"), 3 * time.Second, true},
		"global by body":        {`{"message":"x","retry_after":3,"global":true}`, user, 3 * time.Second, true},
		"told without a header": {told("3"), nil, 3 * time.Second, false},
		"page of Cloudflare":    {"<html>error code: 1015</html>", map[string]string{"Retry-After": "600"}, 10 * time.Minute, true},
		"page that says little": {"<html>1015</html>", nil, untold, true},
	} {
		client, err := hear(t, said{429, c.body, c.header}, nil)
		e := failure(t, err)
		if e.Status != 429 || e.After != c.after || e.Global != c.global || !e.Left {
			t.Errorf("%s: got %+v, want after %v, global %v", name, e, c.after, c.global)
		}
		gate, route := client.gate.shutFor() > 0, client.buckets.by["POST /channels/1/messages"]
		if gate != c.global {
			t.Errorf("%s: all calls are shut out: %v, want %v", name, gate, c.global)
		}
		if shut := route != nil && route.shut.After(time.Now()); shut == c.global && c.after > time.Second {
			t.Errorf("%s: the route is shut: %v", name, shut)
		}
		counted := 1
		if c.header["X-RateLimit-Scope"] == "shared" {
			counted = 0
		}
		if n := client.refusals.sum(); n != counted {
			t.Errorf("%s: %d refusals are counted, want %d", name, n, counted)
		}
	}
}

func (r *refusals) sum() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.slots {
		n += s.n
	}
	return n
}

func TestRefusalsCounted(t *testing.T) {
	for status, want := range map[int]int{200: 0, 400: 0, 401: 1, 403: 1, 404: 0, 500: 0} {
		c, _ := hear(t, said{status: status, body: "{}"}, nil)
		if n := c.refusals.sum(); n != want {
			t.Errorf("%d: %d are counted, want %d", status, n, want)
		}
	}
}

// The skew is told by seconds, and known better with each answer.
func TestSkew(t *testing.T) {
	var s skew
	if _, ok := s.value(); ok {
		t.Error("known before any answer")
	}
	begun := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	hear := func(at time.Duration, ahead time.Duration) {
		told := begun.Add(at + 10*time.Millisecond + ahead).UTC().Truncate(time.Second)
		s.hear(&answer{status: 200, header: http.Header{"Date": {told.Format(http.TimeFormat)}}, begun: begun.Add(at), ended: begun.Add(at + 20*time.Millisecond)})
	}
	near := func(want, within time.Duration) {
		t.Helper()
		if got, ok := s.value(); !ok || (got-want).Abs() > within {
			t.Errorf("got %v, %v; want %v within %v", got, ok, want, within)
		}
	}
	hear(0, 90*time.Second)
	near(90*time.Second, 600*time.Millisecond)
	for i := range 50 {
		hear(time.Duration(i)*1370*time.Millisecond, 90*time.Second)
	}
	near(90*time.Second, 50*time.Millisecond)
	hear(time.Hour, -5*time.Second) // our clock was set
	near(-5*time.Second, 600*time.Millisecond)
	s.hear(&answer{status: 200, header: http.Header{"Date": {"yesterday"}}})
	s.hear(&answer{})
	near(-5*time.Second, 600*time.Millisecond)

	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
	})
	if err := c.Do(t.Context(), Call{Method: "GET", Path: "/x"}, nil); err != nil {
		t.Fatal(err)
	}
	if got, ok := c.Skew(); !ok || (got-time.Hour).Abs() > 30*time.Second {
		t.Errorf("got %v, %v; want about an hour", got, ok)
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add(429, `{"message":"x","retry_after":3}`, "3")
	f.Add(400, `{"message":"x","code":50035,"errors":{"a":{"_errors":[{"code":"X"}]}}}`, "")
	f.Fuzz(func(t *testing.T, status int, body, after string) {
		e := (&answer{status: status, body: []byte(body), header: http.Header{"Retry-After": {after}}}).refusal()
		if e.After < 0 || e.After > longest || (e.After == 0) != (status != 429) {
			t.Errorf("got a wait of %v", e.After)
		}
		if e.Error() == "" || len(e.Error()) > 2000 {
			t.Errorf("got %q", e)
		}
	})
}
