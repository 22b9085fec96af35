package discordtest

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A route is one operation of REST.
type route struct {
	method, path string
	open         bool   // needs no token: the path holds one
	major        string // names of path values by which buckets differ, with spaces between
	free         bool   // interactions do not count against the global limit
	limit        Limit  // Discord's own
	schema       string // JSON pointer into the published document
	run          func(d *Discord, a *ask) (reply, *refusal)
}

func (r route) name() string { return r.method + " " + r.path }

// An ask is one request.
type ask struct {
	route *route
	r     *http.Request
	body  any            // as it came, with what is null
	args  map[string]any // the body, where it is an object
	list  []any          // the body, where it is a list
	files []Attachment
	bad   error // why the body could not be read
}

func (a *ask) path(name string) string { return a.r.PathValue(name) }

// A reply is what a request that was taken gets.
type reply struct {
	status int // 0 = 200; 204 has no body
	body   any
}

const maxBody = 26 << 20

func (d *Discord) mount(mux *http.ServeMux) {
	for _, one := range routes() {
		handle := func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, &one) }
		for _, version := range []string{"v9", "v10"} {
			mux.HandleFunc(one.method+" /api/"+version+one.path, handle)
		}
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		d.serve(w, r, &route{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/api/v10"), run: (*Discord).unknownRoute})
	})
}

func (d *Discord) unknownRoute(a *ask) (reply, *refusal) {
	d.violate(a.route.name(), "no such operation, or none that this app should need")
	return reply{}, &refusal{status: http.StatusNotFound, say: "404: Not Found"}
}

// serve answers one request.
func (d *Discord) serve(w http.ResponseWriter, r *http.Request, on *route) {
	f := d.fault(on, r)
	call := Call{Method: r.Method, Route: on.path, Path: r.URL.Path, Header: r.Header.Get("Authorization"), At: time.Now()}
	if f.Drop == Unread {
		d.log(call)
		hangUp(w)
		return
	}
	a, raw, err := readAsk(r, on)
	if err != nil || !d.sleep(f.Delay) {
		hangUp(w)
		return
	}
	call.Raw, call.Args, call.List, call.Files = string(raw), a.args, a.list, a.files
	answer, refused, header := d.act(a, f)
	call.Acted = refused == nil
	call.Status = answer.status
	if refused != nil {
		call.Code = refused.code
	}
	if f.Drop == Unreplied {
		call.Status = 0
	}
	d.log(call)
	if !d.sleep(f.Late) || f.Drop == Unreplied {
		hangUp(w)
		return
	}
	for k, v := range header {
		w.Header()[k] = v
	}
	d.write(w, answer, f)
}

// write sends an answer.
func (d *Discord) write(w http.ResponseWriter, answer reply, f Fault) {
	w.Header().Set("Content-Type", "application/json")
	var body []byte
	if f.Body != "" {
		body = []byte(f.Body)
	} else if answer.status != http.StatusNoContent {
		body, _ = json.Marshal(answer.body)
	}
	w.WriteHeader(answer.status)
	for i, b := range body {
		if f.Slow > 0 {
			_ = http.NewResponseController(w).Flush()
			if !d.sleep(f.Slow) {
				return
			}
		}
		if f.Slow == 0 {
			_, _ = w.Write(body[i:])
			return
		}
		_, _ = w.Write([]byte{b})
	}
}

// readAsk reads a request to its end.
func readAsk(r *http.Request, on *route) (*ask, []byte, error) {
	a := &ask{route: on, r: r, args: map[string]any{}}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return a, nil, err
	}
	a.bad = a.decode(raw)
	return a, raw, nil
}

// act does what was asked, and returns what is answered, with its headers.
func (d *Discord) act(a *ask, f Fault) (reply, *refusal, http.Header) {
	d.mu.Lock()
	defer d.mu.Unlock()
	header := http.Header{"Date": {time.Now().Add(d.skew).UTC().Format(http.TimeFormat)}}
	var answer reply
	refused := f.refusal()
	if refused == nil {
		refused = d.admit(a, header)
	}
	if refused == nil {
		d.checkSchema(a)
		answer, refused = a.route.run(d, a)
	}
	if refused != nil {
		answer = reply{status: refused.status, body: refused.body()}
		refused.head(header)
	}
	count(&answer.status, http.StatusOK)
	d.noteBad(answer.status, header)
	d.touch()
	return answer, refused, header
}

// agent is how an app has to name itself.
var agent = regexp.MustCompile(`^DiscordBot \(\S+, \S+\)`)

// admit checks who asks, how often, and what they sent. d.mu is held.
func (d *Discord) admit(a *ask, header http.Header) *refusal {
	if !agent.MatchString(a.r.UserAgent()) {
		d.violate(a.route.name(), "User-Agent is no DiscordBot (url, version): "+strconv.Quote(a.r.UserAgent()))
	}
	if refused := d.paced(a, header); refused != nil {
		return refused
	}
	if !a.route.open && (a.r.Header.Get("Authorization") != "Bot "+d.set.Token || d.revoked) {
		return &refusal{status: http.StatusUnauthorized, say: "401: Unauthorized"}
	}
	if a.bad != nil {
		d.violate(a.route.name(), "body: "+a.bad.Error())
		return no(invalidJSON)
	}
	return nil
}

// log keeps a call.
func (d *Discord) log(c Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, c)
	d.touch()
}

// hangUp breaks the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

// str is the text at a key; "" if it is none.
func str(m map[string]any, key string) string {
	v, _ := m[key].(string)
	return v
}

// num is the whole number at a key; 0 if it is none.
func num(m map[string]any, key string) int {
	v, _ := m[key].(float64)
	return int(v)
}

// obj is the object at a key; nil if it is none.
func obj(m map[string]any, key string) map[string]any {
	v, _ := m[key].(map[string]any)
	return v
}

// arr is the list at a key; nil if it is none.
func arr(m map[string]any, key string) []any {
	v, _ := m[key].([]any)
	return v
}

// objs are the objects in the list at a key.
func objs(m map[string]any, key string) []map[string]any {
	var out []map[string]any
	for _, v := range arr(m, key) {
		if one, ok := v.(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}
