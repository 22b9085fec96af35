package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// variants are all manifests there are.
func variants() map[string][]byte {
	all := make(map[string][]byte)
	for _, url := range []string{"", "https://rapport.example.org/slack"} {
		for _, files := range []bool{false, true} {
			all[fmt.Sprintf("url %q, files %v", url, files)] = Manifest(url, files)
		}
	}
	return all
}

// readManifest is what a manifest says, by Slack's names.
type readManifest struct {
	Display struct {
		Name, Description string
		Long              string `json:"long_description"`
		Color             string `json:"background_color"`
	} `json:"display_information"`
	Features struct {
		Home     map[string]bool `json:"app_home"`
		Bot      map[string]any  `json:"bot_user"`
		Commands []struct {
			Command, URL, Description string
			Hint                      string `json:"usage_hint"`
			Escape                    *bool  `json:"should_escape"`
		} `json:"slash_commands"`
		Shortcuts []map[string]string
	}
	OAuth struct {
		Scopes map[string][]string
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			URL  string   `json:"request_url"`
			Bot  []string `json:"bot_events"`
			User []string `json:"user_events"`
		} `json:"event_subscriptions"`
		Interactivity struct {
			On  bool   `json:"is_enabled"`
			URL string `json:"request_url"`
		}
		Socket   *bool `json:"socket_mode_enabled"`
		Org      *bool `json:"org_deploy_enabled"`
		Rotation *bool `json:"token_rotation_enabled"`
	}
}

func readVariant(t *testing.T, raw []byte) (m readManifest) {
	t.Helper()
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestScopesAndEvents fails on any right more than the coach may have: a
// workspace is asked for these and no others.
func TestScopesAndEvents(t *testing.T) {
	for name, raw := range variants() {
		m := readVariant(t, raw)
		want := []string{"chat:write", "commands", "im:write", "users:read"}
		if strings.HasSuffix(name, "true") {
			want = append(want, "files:write")
		}
		if got := m.OAuth.Scopes["bot"]; !slices.Equal(got, want) || len(m.OAuth.Scopes) != 1 {
			t.Errorf("%s: got scopes %q, want only of the bot: %q", name, m.OAuth.Scopes, want)
		}
		want = []string{"app_home_opened", "app_uninstalled", "tokens_revoked", "user_change"}
		if e := m.Settings.Events; !slices.Equal(e.Bot, want) || len(e.User) > 0 {
			t.Errorf("%s: got events %q and %q of users, want %q and none", name, e.Bot, e.User, want)
		}
	}
}

func TestManifest(t *testing.T) {
	for _, url := range []string{"", "https://rapport.example.org/slack?a&b"} {
		m := readVariant(t, Manifest(url, false))
		s := m.Settings
		if s.Events.URL != url || s.Interactivity.URL != url || m.Features.Commands[0].URL != url || !s.Interactivity.On {
			t.Errorf("got requests to %q, %q and %q, want all to %q", s.Events.URL, s.Interactivity.URL, m.Features.Commands[0].URL, url)
		}
		if s.Socket == nil || *s.Socket != (url == "") || s.Org == nil || !*s.Org || s.Rotation == nil || *s.Rotation {
			t.Errorf("url %q: got Socket Mode %s, org %s, rotation %s; want Socket Mode only without an address, org on and rotation off, all said", url, value(s.Socket), value(s.Org), value(s.Rotation))
		}
		home := m.Features.Home
		if !home["home_tab_enabled"] || !home["messages_tab_enabled"] || !home["messages_tab_read_only_enabled"] {
			t.Errorf("got App Home %v, want all on", home)
		}
		c := m.Features.Commands
		if len(c) != 1 || c[0].Command != "/rapport" || c[0].Hint != "[a step, or what is on your mind]" || c[0].Escape == nil || *c[0].Escape {
			t.Errorf("got commands %+v, want /rapport alone, unescaped", c)
		}
		if s := m.Features.Shortcuts; len(s) != 1 || s[0]["name"] != "Journal" || s[0]["type"] != "global" || s[0]["callback_id"] != "journal" {
			t.Errorf("got shortcuts %v, want the journal", s)
		}
	}
	if raw := Manifest("https://rapport.example.org/slack?a&b", true); !bytes.Contains(raw, []byte("?a&b\"")) || !bytes.Contains(raw, []byte("\n  \"features\": {\n")) {
		t.Errorf("got %s, want it indented and without escapes", raw)
	}
}

// value is what a switch says, "unsaid" if it is not there.
func value(b *bool) string {
	if b == nil {
		return "unsaid"
	}
	return fmt.Sprint(*b)
}

// TestManifestLimits holds every text to what Slack takes.
// Source: https://docs.slack.dev/reference/app-manifest
func TestManifestLimits(t *testing.T) {
	m := readVariant(t, Manifest("", true))
	for _, c := range []struct {
		name, text string
		least, max int
	}{
		{"name", m.Display.Name, 1, 35},
		{"description", m.Display.Description, 1, 140},
		{"long description", m.Display.Long, 174, 4000},
		{"bot's name", fmt.Sprint(m.Features.Bot["display_name"]), 1, 80},
		{"command", m.Features.Commands[0].Command, 2, 32},
		{"command's description", m.Features.Commands[0].Description, 1, 2000},
		{"hint", m.Features.Commands[0].Hint, 1, 1000},
		{"shortcut", m.Features.Shortcuts[0]["name"], 1, 24},
		{"shortcut's description", m.Features.Shortcuts[0]["description"], 1, 150},
		{"callback", m.Features.Shortcuts[0]["callback_id"], 1, 255},
	} {
		if n := utf8.RuneCountInString(c.text); n < c.least || n > c.max {
			t.Errorf("%s %q takes %d characters, want %d to %d", c.name, c.text, n, c.least, c.max)
		}
	}
	if !regexp.MustCompile(`^#[0-9A-F]{6}$`).MatchString(m.Display.Color) {
		t.Errorf("got background %q, want a color", m.Display.Color)
	}
	if name := fmt.Sprint(m.Features.Bot["display_name"]); !regexp.MustCompile(`^[a-z0-9._-]+$`).MatchString(name) {
		t.Errorf("got the bot's name %q, want Slack's characters only", name)
	}
}

// manifestSchema is generated from Slack's own types. It lies beside the
// project, not in it.
const manifestSchema = "../../../shared/platforms/specs/slack-req.ManifestArgs.schema.json"

func TestManifestSchema(t *testing.T) {
	f, err := os.Open(manifestSchema)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the schema of manifests is not beside this checkout: %v", err)
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
	if err := c.AddResource("manifest.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range variants() {
		if err := schema.Validate(arguments(t, raw)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := bytes.Replace(Manifest("", false), []byte(`"users:read"`), []byte(`"users:everything"`), 1)
	if schema.Validate(arguments(t, bad)) == nil {
		t.Error("a scope that Slack does not know passes: the schema checks nothing")
	}
}

// arguments are those of apps.manifest.validate.
func arguments(t *testing.T, manifest []byte) any {
	t.Helper()
	m, err := jsonschema.UnmarshalJSON(bytes.NewReader(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"manifest": m}
}
