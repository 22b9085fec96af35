package discordtest

import (
	"strings"
	"testing"
	"time"
)

const v2 = `{"flags":32832,"allowed_mentions":{"parse":[]},"components":[
	{"type":17,"accent_color":2060152,"components":[
		{"type":10,"content":"### This week: let them finish\n-# step 2 of 6, The basics\nIn one talk today, wait until the other person has **really** stopped.\n> *\"You said the handover worries you. Which part?\"*\nBy <t:1615806000:F>, \\*not bold\\* <script>"},
		{"type":14,"spacing":1},
		{"type":12,"items":[{"media":{"url":"attachment://weeks.png"},"description":"12 weeks"}]},
		{"type":1,"components":[{"type":2,"style":1,"label":"I'm in","custom_id":"in"},{"type":2,"style":2,"label":"Another idea","custom_id":"other"},
			{"type":2,"style":4,"label":"Stop","custom_id":"stop"},{"type":2,"style":2,"label":"Off","custom_id":"off","disabled":true}]},
		{"type":1,"components":[{"type":3,"custom_id":"menu","placeholder":"What is on your mind?","options":[{"label":"A talk","value":"1"},{"label":"A team","value":"2"}]}]}
	]}]}`

const form = `{"title":"A line for yourself","custom_id":"journal","components":[
	{"type":10,"content":"Only **you** see it."},
	{"type":18,"label":"What happened?","description":"One line is enough","component":{"type":4,"custom_id":"line","style":2,"max_length":400}},
	{"type":18,"label":"How was it?","component":{"type":21,"custom_id":"how","options":[{"label":"Well","value":"1","default":true},{"label":"Hard","value":"2"}]}},
	{"type":18,"label":"Days","component":{"type":3,"custom_id":"days","max_values":2,"required":false,"options":[{"label":"Monday","value":"mo"},{"label":"Friday","value":"fr"}]}},
	{"type":18,"label":"Channel","component":{"type":8,"custom_id":"where","channel_types":[0]}}]}`

// pictured starts an app that answers /rapport with everything there is, and its
// first button with a form.
func pictured(t *testing.T, d *Discord) {
	t.Helper()
	register(t, d)
	start(t, d, func(i map[string]any) {
		if num(i, "type") == kindUse {
			answerTo(t, d, i, answerModal, form)
			return
		}
		answerFiles(t, d, i, v2, "weeks.png", onePixel)
	})
}

func TestHTML(t *testing.T) {
	d := New(t, Setup{Now: func() time.Time { return time.Unix(1615800000, 0) }})
	pictured(t, d)
	anna := d.Person("Anna").In("#team")
	anna.Command("/rapport", "try")
	anna.WaitMessage("This week: let them finish")
	seen := anna.HTML()
	for _, want := range []string{
		"<h3>This week: let them finish</h3>", "<small class=\"subtext\">step 2 of 6, The basics</small>", "<b>really</b>", "<blockquote><i>",
		"Monday, 15 March 2021 12:00", "*not bold* &lt;script&gt;", `<img alt="12 weeks" src="data:image/png;base64,`, "I&#39;m in", "What is on your mind?",
		"Only you can see this", "<b>Anna</b> used <span class=\"cmd\">/rapport</span>", "#1f6f78", "# </i>", "Lighthouse",
	} {
		if !strings.Contains(strings.ReplaceAll(seen, "<i>#</i>", "# </i>"), want) {
			t.Errorf("Anna's page lacks %q", want)
		}
	}
	anna.Press(nil, "I'm in")
	m := anna.WaitModal("A line for yourself")
	anna.Submit(m, map[string]string{"What happened?": "", "Channel": "general"})
	withForm := anna.HTML()
	for _, want := range []string{"A line for yourself", "Only <b>you</b> see it.", "One line is enough", "This field is required", "circle on"} {
		if !strings.Contains(withForm, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	if ben := d.Person("Ben").In("#team").HTML(); strings.Contains(ben, "let them finish") {
		t.Error("Ben sees what is for Anna alone")
	}
	anna.CloseModal()
	anna.InDM()
	if status, out, _ := call(t, d, "POST", "/channels/"+anna.Place()+"/messages", `{"embeds":[{"author":{"name":"An author"},"title":"**Title**","description":"Words","color":255,
		"fields":[{"name":"Field","value":"Value"}],"footer":{"text":"A footer"}}],`+quietly+`}`); status != 200 {
		t.Fatalf("got %d %v", status, out)
	}
	all := d.HTML()
	for _, want := range []string{"Direct Messages", "<b>Title</b>", "border-left-color:#0000ff", "A footer", "Value", "This week: let them finish"} {
		if !strings.Contains(all, want) {
			t.Errorf("the page of all lacks %q", want)
		}
	}
	if got, want := anna.LastMessage().Plain(), "An author\nTitle\nWords\nField: Value\n~ A footer"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	d.Demand()
}

// TestPinged: a message that notified somebody looks so to them alone.
func TestPinged(t *testing.T) {
	d := New(t, Setup{})
	anna, ben := d.Person("Anna").In("#team"), d.Person("Ben").In("#team")
	call(t, d, "POST", "/channels/"+anna.Place()+"/messages", `{"content":"<@`+ben.ID()+`>","allowed_mentions":{"parse":["users"]}}`)
	if !strings.Contains(ben.HTML(), `class="message pinged"`) || strings.Contains(anna.HTML(), `class="message pinged"`) {
		t.Error("want it marked for Ben alone")
	}
}
