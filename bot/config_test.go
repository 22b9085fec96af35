package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// testEnv is an environment in a folder of its own, with these variables.
func testEnv(t *testing.T, vars map[string]string) Env {
	t.Helper()
	return Env{
		Stdin: strings.NewReader(""), Stdout: &strings.Builder{}, Stderr: &strings.Builder{},
		Getenv: func(name string) string { return vars[name] },
		Dir:    t.TempDir(),
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// load reads text as ./config.toml.
func load(t *testing.T, text string, vars map[string]string) (*Config, error) {
	t.Helper()
	env := testEnv(t, vars)
	writeFile(t, filepath.Join(env.Dir, "config.toml"), text)
	return LoadConfig(env, "")
}

func faultLines(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	faults, ok := errors.AsType[ConfigFaults](err)
	if !ok {
		t.Fatalf("got error %v of type %T, want ConfigFaults", err, err)
	}
	var out []string
	for _, f := range faults {
		out = append(out, f.String())
	}
	return out
}

func TestConfigFaults(t *testing.T) {
	key64 := strings.Repeat("0", 64)
	for _, tt := range []struct {
		name, text string
		vars       map[string]string
		want       []string // starts of the faults, in order
	}{
		{name: "empty", text: ""},
		{name: "byte order mark", text: bom + "[log]\nlevel = \"debug\"\n"},
		{name: "all faults at once", text: "[coach]\nlangauge = \"en\"\nweek_start = 1\n\n[log]\nlevel = \"loud\"\n", want: []string{
			`config.toml:2: unknown key "langauge" in [coach]; did you mean "language"?`,
			"config.toml:3: coach.week_start: must be a text in quotes, not a whole number",
			"config.toml:6: log.level: must be one of debug, info, warn, error",
		}},
		{name: "unknown section", text: "[slak]\nbot_token = \"xoxb-1\"\n", want: []string{`config.toml:1: unknown section "slak"; did you mean "slack"?`}},
		{name: "key of another section", text: "[web]\nlevel = \"info\"\n", want: []string{`config.toml:2: unknown key "level" in [web]; it belongs in [log]`}},
		{name: "key before any section", text: "level = \"info\"\n", want: []string{`config.toml:1: unknown key "level"; it belongs in [log]`}},
		{name: "section as key", text: "log = \"info\"\n", want: []string{"config.toml:1: log: is a section: write [log]"}},
		{name: "key as section", text: "[log.level]\n", want: []string{"config.toml:1: log.level: is a key, not a section"}},
		{name: "dotted key", text: "log.level = \"x\"\n", want: []string{"config.toml:1: log.level: must be one of"}},
		{name: "unknown dotted key", text: "log.colour = \"x\"\n", want: []string{`config.toml:1: unknown key "colour" in [log]`}},
		{name: "double brackets", text: "[[log]]\nlevel = \"info\"\n", want: []string{"config.toml:1: log: a section has single brackets"}},
		{name: "section twice", text: "[log]\n[web]\n[log]\n", want: []string{"config.toml:3: log: this section is already there, on line 1"}},
		{name: "key twice", text: "[log]\nlevel = \"info\"\nlevel = \"warn\"\n", want: []string{"config.toml:3: log.level: is set twice, first on line 2"}},
		{name: "wrong types", text: "[monitor]\npprof = \"yes\"\nlisten = 9090\n[slack]\nconnections = \"2\"\nadmins = \"U0123\"\nnudge_channels = [1]\n", want: []string{
			"config.toml:2: monitor.pprof: must be true or false, not a text in quotes",
			"config.toml:3: monitor.listen: must be a text in quotes, not a whole number",
			"config.toml:5: slack.connections: must be a whole number, not a text in quotes",
			"config.toml:6: slack.admins: must be a list in square brackets, not a text in quotes",
			"config.toml:7: slack.nudge_channels: must hold texts in quotes, not a whole number",
		}},
		{name: "floats and dates", text: "[slack]\nconnections = 2.5\n[log]\nlevel = 2026-01-01\n", want: []string{
			"config.toml:2: slack.connections: must be a whole number, not something else",
			"config.toml:4: log.level: must be a text in quotes, not something else",
		}},
		{name: "list elements have their lines", text: "[slack]\nadmins = [\n  \"U0123\",\n  \"bob\",\n  \"U0123\",\n]\n", want: []string{
			"config.toml:4: slack.admins: must hold Slack user ids", "config.toml:5: slack.admins: holds the same twice",
		}},
		{name: "channels", text: "[slack]\nnudge_channels = [\"general\"]\n[discord]\nnudge_channels = [\"C0123\"]\n", want: []string{
			"config.toml:2: slack.nudge_channels: must hold Slack channel ids", "config.toml:4: discord.nudge_channels: must hold the digits",
		}},
		{name: "out of range", text: "[slack]\nconnections = 11\n[privacy]\nretention = { prep = 0, deliveries = 5 }\n", want: []string{
			"config.toml:2: slack.connections: must be between 1 and 10",
			"config.toml:4: privacy.retention.prep: must be between 1 and 365",
			"config.toml:4: privacy.retention.deliveries: must be between 30 and 365",
		}},
		{name: "number too large to read", text: "[slack]\nconnections = 99999999999999999999\n", want: []string{"config.toml:2: slack.connections: must be a whole number, not something else"}},
		{name: "retention table", text: "[privacy.retention]\nprep = 9\njournal = 3\n", want: []string{`config.toml:3: unknown key "journal" in [privacy.retention]`}},
		{name: "retention is no number", text: "[privacy]\nretention = 30\n", want: []string{"config.toml:2: privacy.retention: is a section: write [privacy.retention]"}},
		{name: "zones", text: "[coach]\ntime_zone = \"Europe/Atlantis\"\n", want: []string{"config.toml:2: coach.time_zone: is no time zone"}},
		{name: "zone of the machine", text: "[coach]\ntime_zone = \"Local\"\n", want: []string{"config.toml:2: coach.time_zone: is no time zone"}},
		{name: "empty zone", text: "[coach]\ntime_zone = \"\"\n", want: []string{"config.toml:2: coach.time_zone: is no time zone"}},
		{name: "language", text: "[coach]\nlanguage = \"tlh\"\n", want: []string{"config.toml:2: coach.language: there is no curriculum"}},
		{name: "week start", text: "[coach]\nweek_start = \"mondy\"\n", want: []string{"config.toml:2: coach.week_start: must be one of sunday, monday, tuesday, wednesday, thursday, friday, saturday; did you mean \"monday\"?"}},
		{name: "curriculum folder", text: "[coach]\ncurriculum_dir = \"texts\"\n", want: []string{"config.toml:2: coach.curriculum_dir: there is no such folder"}},
		{name: "contact of two lines", text: "[coach]\nhelp_contact = \"a\\nb\"\noperator = \"" + strings.Repeat("x", 201) + "\"\n", want: []string{
			"config.toml:2: coach.help_contact: must be one line", "config.toml:3: coach.operator: is too long: at most 200 characters",
		}},
		{name: "specs", text: "[schedules]\nnudge = \"0 9 * *\"\ntip = \"61 9 * * *\"\nreflection = \"@daily\"\n", want: []string{
			"config.toml:2: schedules.nudge: must be five fields",
			`config.toml:3: schedules.tip: schedule "61 9 * * *": "61" does not fit: the minute goes from 0 to 59`,
			"config.toml:4: schedules.reflection: must be five fields",
		}},
		{name: "spec that never comes", text: "[schedules]\ntip = \"0 9 30 2 *\"\n", want: []string{`config.toml:2: schedules.tip: schedule "0 9 30 2 *" never comes`}},
		{name: "nudge on two days", text: "[schedules]\nnudge = \"0 9 * * 1,4\"\n", want: []string{"config.toml:2: schedules.nudge: the nudge is weekly, so it must name one weekday"}},
		{name: "nudge every day", text: "[schedules]\nnudge = \"0 9 * * *\"\n", want: []string{"config.toml:2: schedules.nudge: the nudge is weekly"}},
		{name: "nudge on a date", text: "[schedules]\nnudge = \"0 9 1 * 1\"\n", want: []string{"config.toml:2: schedules.nudge: the nudge is weekly"}},
		{name: "nudge twice a day", text: "[schedules]\nnudge = \"0 9,15 * * 1\"\n", want: []string{"config.toml:2: schedules.nudge: the nudge is weekly"}},
		{name: "addresses", text: "[web]\nlisten = \"8080\"\n[monitor]\nlisten = \"127.0.0.1:70000\"\n", want: []string{
			"config.toml:2: web.listen: must be host:port", "config.toml:4: monitor.listen: must be host:port",
		}},
		{name: "bad host", text: "[monitor]\nlisten = \"127.0.0.300:9090\"\n", want: []string{"config.toml:2: monitor.listen: must be host:port"}},
		{name: "bad name", text: "[monitor]\nlisten = \"a_b c:9090\"\n", want: []string{"config.toml:2: monitor.listen: must be host:port"}},
		{name: "monitor everywhere, off, or on six", text: "[monitor]\nlisten = \":9090\"\n[web]\nlisten = \"[::1]:0\"\n"},
		{name: "monitor off", text: "[monitor]\nlisten = \"\"\n"},
		{name: "page everywhere", text: "[web]\nlisten = \"0.0.0.0:8080\"\n", want: []string{"config.toml:2: web.listen: must be an address of this machine alone"}},
		{name: "page off", text: "[web]\nlisten = \"\"\n", want: []string{"config.toml:2: web.listen: must be host:port"}},
		{name: "one address twice", text: "[web]\nlisten = \"127.0.0.1:1\"\n[monitor]\nlisten = \"127.0.0.1:1\"\n", want: []string{"config.toml:4: monitor.listen: is the address of web.listen too"}},
		{name: "database", text: "[database]\nurl = \"postgres://u:p@h/db\"\n", want: []string{"config.toml:2: database.url: PostgreSQL is not in this release"}},
		{name: "database in memory", text: "[database]\nurl = \":memory:\"\n", want: []string{"config.toml:2: database.url: must be the name of a file"}},
		{name: "database elsewhere", text: "[database]\nurl = \"mysql://h/db\"\n", want: []string{"config.toml:2: database.url: must be the name of a file"}},
		{name: "key files", text: "[privacy]\nkey_file = \"\"\nkeys = \" \"\n", want: []string{
			"config.toml:2: privacy.key_file: must be the name of a file", "config.toml:3: privacy.keys: must be the name of a file",
		}},
		{name: "api", text: "[slack]\napi_url = \"http://slack.com/api/\"\n[discord]\napi_url = \"discord.com\"\n", want: []string{
			"config.toml:2: slack.api_url: must start with https://", "config.toml:4: discord.api_url: must be an address",
		}},
		{name: "api with a password", text: "[slack]\napi_url = \"https://a:b@slack.com/\"\n", want: []string{"config.toml:2: slack.api_url: must be an address"}},
		{name: "api on this machine", text: "[slack]\napi_url = \"http://127.0.0.1:1234/api\"\n[discord]\napi_url = \"http://localhost/\"\n"},
		{name: "in doubt", text: "[slack]\nin_doubt = \"rsend\"\n", want: []string{`config.toml:2: slack.in_doubt: must be one of skip, resend; did you mean "resend"?`}},
		{name: "shards", text: "[discord]\nshards = \"0-4/4\"\n", want: []string{`config.toml:2: discord.shards: must be "all"`}},
		{name: "shards of a process", text: "[discord]\nshards = \"0-3/16\"\n"},
		{name: "ids", text: "[discord]\napplication_id = \"me\"\ndev_guild = \"x\"\n", want: []string{
			"config.toml:2: discord.application_id: must be the digits", "config.toml:3: discord.dev_guild: must be the digits",
		}},
		{name: "public key", text: "[discord]\npublic_key = \"12\"\nlisten = \"127.0.0.1:1\"\n", want: []string{"config.toml:2: discord.public_key: must be 64 hexadecimal digits"}},
		{name: "discord over HTTP", text: "[discord]\npublic_key = \"" + key64 + "\"\n", want: []string{"config.toml:2: discord.public_key: also needs discord.listen"}},
		{name: "discord listens", text: "[discord]\nlisten = \"127.0.0.1:1\"\n", want: []string{"config.toml:2: discord.listen: also needs discord.public_key"}},
		{name: "discord token", text: "[discord]\ntoken = \"Bot abc\"\n", want: []string{`config.toml:2: discord.token: leave out "Bot "`}},

		{name: "swapped tokens", text: "[slack]\nbot_token = \"xapp-1\"\napp_token = \"xoxb-1\"\n", want: []string{
			"config.toml:2: slack.bot_token: this is the app-level token", "config.toml:3: slack.app_token: this is the bot token",
		}},
		{name: "swapped tokens in the environment", vars: map[string]string{"RAPPORT_SLACK_BOT_TOKEN": "xapp-1", "RAPPORT_SLACK_APP_TOKEN": "xapp-1"}, want: []string{
			"RAPPORT_SLACK_BOT_TOKEN: this is the app-level token",
		}},
		{name: "token of a user", text: "[slack]\nbot_token = \"xoxp-1\"\napp_token = \"secret\"\n", want: []string{
			"config.toml:2: slack.bot_token: must be the bot token", "config.toml:3: slack.app_token: must be the app-level token",
		}},
		{name: "token with a space", text: "[slack]\nbot_token = \"xoxb-1 \"\napp_token = \"xapp-1\"\n", want: []string{"config.toml:2: slack.bot_token: has characters that no token has"}},
		{name: "token as signing secret", text: "[slack]\nbot_token = \"xoxb-1\"\nsigning_secret = \"xoxb-1\"\nlisten = \"127.0.0.1:1\"\n", want: []string{"config.toml:3: slack.signing_secret: this is a token"}},
		{name: "bot token alone", text: "[slack]\nbot_token = \"xoxb-1\"\n", want: []string{"config.toml:2: slack.bot_token: is not enough"}},
		{name: "app token alone", text: "[slack]\napp_token = \"xapp-1\"\n", want: []string{"config.toml:2: slack.app_token: is not enough: slack.bot_token is missing"}},
		{name: "an empty token is none", text: "[slack]\nbot_token = \"\"\napp_token = \"xapp-1\"\n", want: []string{"config.toml:3: slack.app_token: is not enough"}},
		{name: "both ways", text: "[slack]\nbot_token = \"xoxb-1\"\napp_token = \"xapp-1\"\nsigning_secret = \"s\"\nlisten = \"127.0.0.1:1\"\n", want: []string{"config.toml:4: slack.signing_secret: is for HTTP and app_token is for Socket Mode"}},
		{name: "HTTP without an address", text: "[slack]\nbot_token = \"xoxb-1\"\nsigning_secret = \"s\"\n", want: []string{"config.toml:3: slack.signing_secret: is for HTTP, which also needs slack.listen"}},
		{name: "address without a secret", text: "[slack]\nlisten = \"127.0.0.1:1\"\n", want: []string{"config.toml:2: slack.listen: is for HTTP, which also needs slack.signing_secret"}},
		{name: "Socket Mode", text: "[slack]\nbot_token = \"xoxb-1\"\napp_token = \"xapp-1\"\n"},
		{name: "HTTP", text: "[slack]\nbot_token = \"xoxb-1\"\nsigning_secret = \"s\"\nlisten = \"127.0.0.1:1\"\n"},

		{name: "not closed", text: "[log]\nlevel = \"info\nformat = \"xml\"\n", want: []string{`config.toml:2: not TOML: a " is opened`, "config.toml:3: log.format: must be one of"}},
		{name: "no quotes", text: "[log]\nlevel = info\n", want: []string{`config.toml:2: not TOML: a text needs " quotes`}},
		{name: "curly quotes", text: "[log]\nlevel = \u201cinfo\u201d\n", want: []string{`config.toml:2: not TOML: use plain " quotes`}},
		{name: "no value", text: "[log]\nlevel\n", want: []string{"config.toml:2: not TOML: expected key = value"}},
		{name: "bad header ends reading", text: "[log]\nlevel = 1\n[slack\nbot_token = \"nonsense\"\n", want: []string{
			"config.toml:2: log.level: must be", "config.toml:3: not TOML: a section is [name]",
		}},
		{name: "several bad lines", text: "[log]\nlevel = info\nformat = text\n[web]\nlisten = localhost\n", want: []string{"config.toml:2: not TOML", "config.toml:3: not TOML", "config.toml:5: not TOML"}},
		{name: "not UTF-8", text: "[log]\nlevel = \"info\"\n# \xff\n", want: []string{"config.toml:3: is not UTF-8"}},
		{name: "Windows line ends", text: "[log]\r\nlevel = \"info\"\r\nformat = \"x\"\r\n", want: []string{"config.toml:3: log.format: must be"}},
		{name: "key of the master", vars: map[string]string{"RAPPORT_PRIVACY_KEY": "abc"}, want: []string{"RAPPORT_PRIVACY_KEY: a master key is 64 hexadecimal digits"}},
		{name: "master key and its file", text: "[privacy]\nkey_file = \"k\"\n", vars: map[string]string{"RAPPORT_PRIVACY_KEY": key64}, want: []string{"config.toml:2: privacy.key_file: the key is given twice, here and by RAPPORT_PRIVACY_KEY"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := load(t, tt.text, tt.vars)
			got := faultLines(t, err)
			if len(got) != len(tt.want) {
				t.Fatalf("got faults\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("got fault %q, want it to begin with %q", got[i], want)
				}
			}
			if (cfg == nil) != (len(tt.want) > 0) {
				t.Errorf("got configuration %v beside faults %v", cfg, got)
			}
		})
	}
}

func TestConfigValues(t *testing.T) {
	cfg, err := load(t, `
[database]
url = "data/x.db"
[coach]
time_zone = "Europe/Berlin"
week_start = "sunday"
help_contact = "Maria"
operator = "IT"
[schedules]
nudge = "30 8 * * 2"
[slack]
bot_token = "xoxb-1"
app_token = "xapp-1"
api_url = "https://slack-gov.com/api"
in_doubt = "resend"
admins = ["U0123", "W0123"]
nudge_channels = ["C0123"]
[discord]
token = "abc"
api_url = "https://example.org/v9/"
nudge_channels = ["1234567890"]
[web]
listen = "localhost:0"
[monitor]
listen = ":9091"
pprof = true
[privacy]
retention = { prep = 8, unseen = 400 }
[log]
level = "debug"
format = "json"
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := defaultConfig()
	want.File = "config.toml"
	want.Warnings = []string{"monitor.pprof is on and monitor.listen can be reached from other machines: profiles show what the program holds in memory"}
	want.Database.URL = "data/x.db"
	want.Coach = CoachConfig{Language: "en", TimeZone: "Europe/Berlin", WeekStart: time.Sunday, HelpContact: "Maria", Operator: "IT"}
	want.Schedules.Nudge = "30 8 * * 2"
	want.Slack = SlackConfig{
		BotToken: newSecret("xoxb-1", "config.toml:12"), AppToken: newSecret("xapp-1", "config.toml:13"),
		APIURL: "https://slack-gov.com/api/", Connections: 2, ResendInDoubt: true, Admins: []string{"U0123", "W0123"}, NudgeChannels: []string{"C0123"},
	}
	want.Discord = DiscordConfig{Token: newSecret("abc", "config.toml:19"), APIURL: "https://example.org/v9", Shards: "all", NudgeChannels: []string{"1234567890"}}
	want.Web.Listen, want.Monitor = "localhost:0", MonitorConfig{":9091", true}
	want.Privacy.Retention.Prep, want.Privacy.Retention.Unseen = 8, 400
	want.Log = LogConfig{Level: "debug", Format: "json", secrets: []Secret{want.Slack.BotToken, want.Slack.AppToken, {}, want.Discord.Token, {}}}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got  %+v\nwant %+v", cfg, want)
	}
}

func TestConfigPlaces(t *testing.T) {
	level := func(t *testing.T, env Env, named string) string {
		t.Helper()
		cfg, err := LoadConfig(env, named)
		if err != nil {
			t.Fatal(err)
		}
		return cfg.Log.Level
	}
	vars := map[string]string{}
	env := testEnv(t, vars)
	home := t.TempDir()
	vars["HOME"] = home
	if got := level(t, env, ""); got != "info" {
		t.Errorf("with no file: got level %q, want the default", got)
	}
	writeFile(t, filepath.Join(home, ".config/rapport/config.toml"), "[log]\nlevel = \"debug\"\n")
	if got := level(t, env, ""); got != "debug" {
		t.Errorf("with a file in ~/.config: got level %q, want debug", got)
	}
	vars["XDG_CONFIG_HOME"] = filepath.Join(home, "xdg")
	writeFile(t, filepath.Join(home, "xdg/rapport/config.toml"), "[log]\nlevel = \"warn\"\n")
	if got := level(t, env, ""); got != "warn" {
		t.Errorf("with XDG_CONFIG_HOME: got level %q, want warn", got)
	}
	writeFile(t, filepath.Join(env.Dir, "config.toml"), "[log]\nlevel = \"error\"\n")
	if got := level(t, env, ""); got != "error" {
		t.Errorf("with ./config.toml: got level %q, want error", got)
	}
	writeFile(t, filepath.Join(env.Dir, "other.toml"), "[log]\nlevel = \"info\"\n")
	if got := level(t, env, "other.toml"); got != "info" {
		t.Errorf("with --config: got level %q, want info", got)
	}
	if _, err := LoadConfig(env, "missing.toml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with a missing --config: got %v, want that it does not exist", err)
	}
}

func TestUnreadableConfigIsNoDefault(t *testing.T) {
	env := testEnv(t, nil)
	if err := os.Mkdir(filepath.Join(env.Dir, "config.toml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if cfg, err := LoadConfig(env, ""); err == nil {
		t.Errorf("got %v from a folder named config.toml, want an error", cfg)
	}
}

func TestReadableSecretsWarn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions of files mean something else there")
	}
	const secret = "[slack]\nbot_token = \"xoxb-1\"\napp_token = \"xapp-1\"\n"
	for _, tt := range []struct {
		name, text string
		mode       os.FileMode
		want       int
	}{
		{"secrets for all", secret, 0o644, 1},
		{"secrets for the group", secret, 0o640, 0},
		{"secrets for one", secret, 0o600, 0},
		{"no secrets", "[log]\nlevel = \"info\"\n", 0o644, 0},
		{"empty secrets", "[slack]\nbot_token = \"\"\n", 0o644, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := testEnv(t, nil)
			name := filepath.Join(env.Dir, "config.toml")
			writeFile(t, name, tt.text)
			if err := os.Chmod(name, tt.mode); err != nil {
				t.Fatal(err)
			}
			cfg, err := LoadConfig(env, "")
			if err != nil {
				t.Fatal(err)
			}
			if len(cfg.Warnings) != tt.want {
				t.Errorf("got warnings %q, want %d", cfg.Warnings, tt.want)
			}
		})
	}
}

const example = "../config.example.toml"

func TestExampleIsTheDefaults(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(t, string(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := defaultConfig()
	want.File, want.Log.secrets = got.File, got.Log.secrets
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestExampleHasEveryKey also uncomments the keys that stand there commented.
func TestExampleHasEveryKey(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`(?m)^#([a-z_]+ = )`).ReplaceAll(text, []byte("$1"))
	env := testEnv(t, nil)
	r := newReader(env, "example", all)
	r.sections(defaultConfig())
	r.unknown()
	for _, f := range r.faults {
		if strings.Contains(f.Text, "unknown") || strings.Contains(f.Text, "not TOML") {
			t.Error(f)
		}
	}
	if missing := without(r.asked, r.keys); len(missing) > 0 {
		t.Errorf("the example lacks %q", missing)
	}
	// A field of Config that no key fills would never be missed above.
	if got, want := len(r.asked), fields(reflect.TypeFor[Config]()); got != want {
		t.Errorf("got %d keys for %d fields of Config; a field without a key, or a key without a field?", got, want)
	}
}

func without(list, drop []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(drop, s) })
}

// fields counts what can be configured in t: the leaves of its sections. The
// master key is left out, since it has no key in the file.
func fields(t reflect.Type) int {
	n := 0
	for f := range t.Fields() {
		switch {
		case f.Name == "File" || f.Name == "Warnings" || !f.IsExported():
		case t == reflect.TypeFor[PrivacyConfig]() && f.Name == "Key":
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Secret]():
			n += fields(f.Type)
		default:
			n++
		}
	}
	return n
}

func FuzzConfig(f *testing.F) {
	text, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("[log]\nlevel = \"\n[[x]]\n a.b.c = {d = [1, {e = 2}]}")
	f.Add("[slack]\nbot_token = 'x\n")
	env := Env{Getenv: func(string) string { return "" }, Dir: f.TempDir()}
	f.Fuzz(func(t *testing.T, text string) {
		r := newReader(env, "x", []byte(text))
		r.sections(defaultConfig())
		r.unknown()
		lines := 1 + strings.Count(text, "\n")
		for _, fault := range r.faults {
			if fault.line < 1 || fault.line > lines {
				t.Errorf("got a fault on line %d of %d: %s", fault.line, lines, fault)
			}
		}
	})
}

func ExampleConfigFaults() {
	fmt.Println(ConfigFaults{
		{place{"config.toml", 2}, "log.level", "must be one of debug, info, warn, error"},
		{place{file: "RAPPORT_DISCORD_TOKEN_FILE"}, "", "the file it names does not exist"},
	}.Error())
	// Output:
	// the configuration has 2 faults:
	//   config.toml:2: log.level: must be one of debug, info, warn, error
	//   RAPPORT_DISCORD_TOKEN_FILE: the file it names does not exist
}
