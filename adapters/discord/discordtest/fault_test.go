package discordtest

import (
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	d := New(t, Setup{})
	path := "/channels/" + d.ChannelID("#team") + "/messages"
	for _, test := range []struct {
		name   string
		fault  Fault
		status int // 0 = no answer
		body   string
		after  string // Retry-After
		shown  int
	}{
		{"503", Fault{Status: 503}, 503, "", "", 0},
		{"a code", Fault{Code: 50001}, 403, "Missing Access", "", 0},
		{"429", Fault{RetryAfter: 1500 * time.Millisecond}, 429, `"retry_after":1.5`, "2", 0},
		{"shared", Fault{RetryAfter: time.Second, Scope: "shared"}, 429, `"global":false`, "1", 0},
		{"global", Fault{RetryAfter: time.Second, Scope: "global"}, 429, `"global":true`, "1", 0},
		{"20028", Fault{Code: 20028, RetryAfter: time.Second}, 429, `"code":20028`, "1", 0},
		{"40003", Fault{Code: 40003, RetryAfter: time.Second}, 429, `"code":40003`, "1", 0},
		{"other body", Fault{Body: "<html>"}, 200, "<html>", "", 1},
		{"unread", Fault{Drop: Unread}, 0, "", "", 0},
		{"unreplied", Fault{Drop: Unreplied}, 0, "", "", 1},
		{"slow", Fault{Body: "{}", Slow: time.Millisecond}, 200, "{}", "", 1},
		{"delayed", Fault{Delay: time.Millisecond, Late: time.Millisecond}, 200, `"content":"Hello"`, "", 1},
	} {
		before := len(d.Posted(""))
		d.Fail("POST", "/channels/{channel}/messages", test.fault)
		status, body, header := request(t, d, "POST", path, hello, "application/json", "Bot "+d.Token())
		if status != test.status || !strings.Contains(body, test.body) || header.Get("Retry-After") != test.after {
			t.Errorf("%s: got %d %s, Retry-After %q", test.name, status, body, header.Get("Retry-After"))
		}
		if n := len(d.Posted("")) - before; n != test.shown {
			t.Errorf("%s: %d messages were shown, want %d", test.name, n, test.shown)
		}
		if status, body, _ := request(t, d, "POST", path, hello, "application/json", "Bot "+d.Token()); status != 200 {
			t.Errorf("%s: the one after it got %d %s", test.name, status, body)
		}
	}
	d.Fail("", "", Fault{Status: 500, Times: -1})
	for range 3 {
		if status, _, _ := call(t, d, "GET", "/gateway", ""); status != 500 {
			t.Errorf("until healed: got %d", status)
		}
	}
	d.Heal()
	if status, _, _ := call(t, d, "GET", "/gateway", ""); status != 200 {
		t.Errorf("healed: got %d", status)
	}
	d.Demand()
}

func TestRates(t *testing.T) {
	d := New(t, Setup{BadLimit: 3, Global: 7})
	team, general := "/channels/"+d.ChannelID("#team")+"/messages", "/channels/"+d.ChannelID("#general")+"/messages"
	d.LimitRate(postRoute, Limit{2, time.Hour})
	for want := 1; want >= 0; want-- {
		status, _, h := call(t, d, "POST", team, hello)
		if status != 200 || h.Get("X-RateLimit-Limit") != "2" || h.Get("X-RateLimit-Remaining") != sprint("%d", want) || h.Get("X-RateLimit-Bucket") == "" || h.Get("X-RateLimit-Reset-After") == "" {
			t.Errorf("got %d %v", status, h)
		}
	}
	status, out, h := call(t, d, "POST", team, hello)
	if status != 429 || out["global"] != false || h.Get("X-RateLimit-Scope") != "user" || h.Get("Retry-After") == "" || out["retry_after"].(float64) < 3000 {
		t.Errorf("a full bucket: got %d %v %v", status, out, h)
	}
	if status, _, _ := call(t, d, "POST", general, hello); status != 200 {
		t.Errorf("another channel: got %d, want its own bucket", status)
	}
	for range 20 {
		status, out, h = call(t, d, "GET", "/gateway", "")
		if status == 429 {
			break
		}
	}
	if status != 429 || out["global"] != true || h.Get("X-RateLimit-Scope") != "global" || h.Get("X-RateLimit-Global") != "true" {
		t.Errorf("more than 7 a second: got %d %v %v", status, out, h)
	}
	d.Demand()
	for range 3 {
		d.Fail("", "", Fault{RetryAfter: time.Second, Scope: "shared"})
		call(t, d, "GET", "/gateway", "")
	}
	d.Demand() // shared ones do not count
	for range 3 {
		d.Fail("", "", Fault{Code: 50001})
		call(t, d, "GET", "/gateway", "")
	}
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].String(), "banned") {
		t.Errorf("got %v, want one about the ban", got)
	}
	d.Advance(11 * time.Minute)
	if d.Bad() != 0 {
		t.Errorf("after eleven minutes %d are counted", d.Bad())
	}
}
