package components

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// The schemas of what is sent: of POST /channels/{channel_id}/messages, and of
// an answer of type 9 to an interaction.
const (
	createMessage = "MessageCreateRequest"
	openModal     = "ModalInteractionCallbackRequest"
)

// schema returns one of the schemas of Discord's OpenAPI document, which is kept
// beside the checkout.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "platforms", "specs", "discord-openapi.json")
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("Discord's OpenAPI document is not beside the checkout: no %s", path)
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
	c.AssertFormat()
	if err := c.AddResource("discord.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("discord.json#/components/schemas/" + name)
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

// post is a message of parts as it is sent to a channel.
func post(parts ...discordgo.MessageComponent) object {
	return object{"flags": Flags, "components": parts, "allowed_mentions": object{"parse": []string{}}, "nonce": "n", "enforce_nonce": true}
}

// TestDiscordTypes holds the gallery, and all that a person can reach, to
// Discord's own types.
func TestDiscordTypes(t *testing.T) {
	messages, modals := schema(t, createMessage), schema(t, openModal)
	all := map[*jsonschema.Schema]map[string]any{messages: {}, modals: {}}
	sort := func(name string, v any) {
		switch v := v.(type) {
		case []discordgo.MessageComponent:
			all[messages][name] = post(v...)
		case Modal:
			all[modals][name] = object{"type": discordgo.InteractionResponseModal, "data": v}
		default:
			t.Fatalf("%s: neither a message nor a form, but %T", name, v)
		}
	}
	for name, m := range coachtest.Gallery() {
		sort(name, Message(m))
	}
	for name, f := range coachtest.Forms() {
		sort(name, Form(f))
	}
	k := newTalk(t, true, "A quiet start.")
	k.looked = sort
	k.Everything()
	for s, those := range all {
		for _, name := range slices.Sorted(maps.Keys(those)) {
			if err := valid(t, s, those[name]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		t.Logf("%d checked", len(those))
	}
}

// TestDiscordTypesRefuse plants what Discord's types do not have, so that it is
// known that TestDiscordTypes can fail.
func TestDiscordTypesRefuse(t *testing.T) {
	messages, modals := schema(t, createMessage), schema(t, openModal)
	long := strings.Repeat("x", 101)
	box := func(parts ...discordgo.MessageComponent) discordgo.MessageComponent {
		return &discordgo.Container{Components: parts}
	}
	for name, part := range map[string]discordgo.MessageComponent{
		"a button without a row":   box(&discordgo.Button{Label: "x", CustomID: "x"}),
		"an empty text":            box(&discordgo.TextDisplay{}),
		"a container in another":   box(box(&discordgo.TextDisplay{Content: "x"})),
		"an empty row":             box(newRow()),
		"a long id":                box(newRow(&discordgo.Button{Label: "x", CustomID: long})),
		"a style that is none":     box(newRow(&discordgo.Button{Label: "x", CustomID: "x", Style: 7})),
		"a select of nothing":      box(newRow(&discordgo.SelectMenu{CustomID: "x", Options: []discordgo.SelectMenuOption{}})),
		"an option without value":  box(newRow(&discordgo.SelectMenu{CustomID: "x", Options: []discordgo.SelectMenuOption{{Label: "x"}}})),
		"a picture without places": box(&discordgo.MediaGallery{}),
		"a text input":             box(newRow(&discordgo.TextInput{CustomID: "x", Label: "x", Style: 1})),
	} {
		if err := valid(t, messages, post(part)); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	form := func() *label { return &label{Type: 18, Label: "x", Component: newField(coach.Input{Name: "x"})} }
	for name, spoil := range map[string]func(m *Modal, l *label){
		"no parts":             func(m *Modal, _ *label) { m.Components = []any{} },
		"no id":                func(m *Modal, _ *label) { m.CustomID = "" },
		"a long title":         func(m *Modal, _ *label) { m.Title = long },
		"no label":             func(_ *Modal, l *label) { l.Label = "" },
		"a long description":   func(_ *Modal, l *label) { l.Description = long },
		"an input of no style": func(_ *Modal, l *label) { l.Component.Style = 0 },
		"an odd style":         func(_ *Modal, l *label) { l.Component.Style = 3 },
		"a label in a label":   func(_ *Modal, l *label) { l.Component.Type = labelComponent },
		"no options":           func(_ *Modal, l *label) { l.Component.Type = 3 },
		"an odd channel": func(_ *Modal, l *label) {
			l.Component = field{Type: 8, CustomID: "x", DefaultValues: []discordgo.SelectMenuDefaultValue{{ID: "x", Type: "channel"}}}
		},
		"an empty text": func(m *Modal, _ *label) { m.Components = []any{&display{Type: 10}} },
	} {
		l := form()
		m := Modal{CustomID: "x", Title: "x", Components: []any{l}}
		answer := object{"type": discordgo.InteractionResponseModal, "data": &m}
		if err := valid(t, modals, answer); err != nil {
			t.Fatalf("before it is spoilt: %v", err)
		}
		if spoil(&m, l); valid(t, modals, answer) == nil {
			t.Errorf("%s passes", name)
		}
	}
}
