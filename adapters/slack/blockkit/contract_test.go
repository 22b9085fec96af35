package blockkit

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	slackgo "github.com/slack-go/slack"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// schema returns one of the types that Slack publishes, kept beside the
// checkout.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "platforms", "specs", name+".schema.json")
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("Slack's schemas are not beside the checkout: no %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid returns why v does not follow s on the wire.
func valid(t *testing.T, s *jsonschema.Schema, v any) error {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(inst)
}

// A contract is a schema and all that shall follow it, by name.
type contract struct {
	schema string
	all    map[string]any
}

// contracts are what the gallery, and all that a person can reach, look like in
// each of Slack's types.
func contracts(t *testing.T) []contract {
	t.Helper()
	blocks, views := contract{"slack-MessageBlocks", map[string]any{}}, contract{"slack-AnyView", map[string]any{}}
	posts, opened := contract{"slack-req.PostMessage", map[string]any{}}, contract{"slack-req.ViewsOpen", map[string]any{}}
	sort := func(name string, v any) {
		switch v := v.(type) {
		case []slackgo.Block:
			blocks.all[name] = v
		case slackgo.ModalViewRequest:
			views.all[name+" modal"] = v
		default:
			views.all[name+" home"] = v
		}
	}
	for name, m := range coachtest.Gallery() {
		sort(name, Message(m))
		sort(name, Modal(m, "o"))
		sort(name, Home(m, "settings"))
		posts.all[name] = map[string]any{"channel": "C1", "text": Notice(m), "blocks": Message(m), "unfurl_links": false}
		opened.all[name] = map[string]any{"trigger_id": "1.2", "view": Modal(m, "o")}
	}
	for name, f := range coachtest.Forms() {
		sort(name+" form", Form(f, "o"))
		opened.all[name+" form"] = map[string]any{"trigger_id": "1.2", "view": Form(f, "o")}
	}
	k := newTalk(t, true, "A quiet start.")
	k.looked = sort
	k.Everything()
	return []contract{blocks, views, posts, opened}
}

func TestSlackTypes(t *testing.T) {
	schema(t, "slack-AnyView") // skips before the long walk
	for _, c := range contracts(t) {
		t.Run(c.schema, func(t *testing.T) {
			s := schema(t, c.schema)
			for _, name := range slices.Sorted(maps.Keys(c.all)) {
				if err := valid(t, s, c.all[name]); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			t.Logf("%d checked", len(c.all))
		})
	}
}

// TestSlackTypesRefuse plants blocks that Slack's types do not have, so that it
// is known that TestSlackTypes can fail.
func TestSlackTypesRefuse(t *testing.T) {
	text := &slackgo.TextBlockObject{Type: slackgo.PlainTextType, Text: "x"}
	markup := &slackgo.TextBlockObject{Type: slackgo.MarkdownType, Text: "x"}
	bad := map[string]slackgo.Block{
		"markup in a header":   &slackgo.HeaderBlock{Type: slackgo.MBTHeader, Text: markup},
		"no type":              &slackgo.HeaderBlock{Text: text},
		"unknown type":         &slackgo.HeaderBlock{Type: "heading", Text: text},
		"no elements":          &slackgo.ActionBlock{Type: slackgo.MBTAction},
		"a text in a row":      newRow("", &slackgo.UnknownBlockElement{Type: "plain_text"}),
		"markup on a button":   newRow("", &slackgo.ButtonBlockElement{Type: slackgo.METButton, Text: markup}),
		"odd style":            newRow("", &slackgo.ButtonBlockElement{Type: slackgo.METButton, Text: text, Style: "warning"}),
		"an input unlabelled":  &slackgo.InputBlock{Type: slackgo.MBTInput, Element: newElement(coach.Input{Name: "x"})},
		"an option of nothing": newRow("", &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, Options: []*slackgo.OptionBlockObject{{}}}),
	}
	blocks, views := schema(t, "slack-MessageBlocks"), schema(t, "slack-AnyView")
	for name, b := range bad {
		if err := valid(t, blocks, []slackgo.Block{b}); err == nil {
			t.Errorf("%s passes in a message", name)
		}
		if err := valid(t, views, slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab, Blocks: slackgo.Blocks{BlockSet: []slackgo.Block{b}}}); err == nil {
			t.Errorf("%s passes in a view", name)
		}
	}
	if err := valid(t, views, slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab}); err == nil {
		t.Error("a home without blocks passes")
	}
	if err := valid(t, schema(t, "slack-req.ViewsOpen"), map[string]any{"trigger_id": "1.2"}); err == nil {
		t.Error("opening nothing passes")
	}
	if err := valid(t, schema(t, "slack-req.PostMessage"), map[string]any{"text": "x"}); err == nil {
		t.Error("a post to nowhere passes")
	}
}
