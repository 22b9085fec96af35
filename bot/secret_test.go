package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

// marker is what no output may hold.
const marker = "4f9a2c7e1b8d-Zq8Lm2Rt5Wx"

func TestSecretPrintsRedacted(t *testing.T) {
	s := newSecret(marker, "config.toml:1")
	type nested struct {
		Shown  Secret
		hidden Secret
		list   []Secret
		by     map[string]*Secret
	}
	all := nested{s, s, []Secret{s}, map[string]*Secret{"a": &s}}
	cfg := defaultConfig()
	cfg.Slack.BotToken = s
	for _, v := range []any{s, &s, all, &all, []any{s}, map[string]any{"a": all}, cfg, *cfg, fmt.Errorf("x: %v", s), errors.New(fmt.Sprint(s))} {
		for _, verb := range "vsqxXdobcUeEfFgGtTp" {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "40", ".3"} {
				format := "%" + flags + string(verb)
				if got := fmt.Sprintf(format, v); leaks(got) {
					t.Errorf("%s of %T printed the secret: %s", format, v, got)
				}
			}
		}
		if got := fmt.Sprint(v) + fmt.Sprintln(v); leaks(got) {
			t.Errorf("Sprint of %T printed the secret: %s", v, got)
		}
	}
	if got, want := fmt.Sprintf("%v %s %q %#v %x %d", s, s, s, s, s, s), strings.Repeat(" "+redacted, 6)[1:]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, err := json.Marshal(struct{ A, B any }{s, all}); err != nil || !strings.Contains(string(got), redacted) || leaks(string(got)) {
		t.Errorf("JSON: got %s, %v; want [redacted]", got, err)
	}
	if got := s.Reveal(); got != marker {
		t.Errorf("Reveal: got %q, want the secret", got)
	}
	if zero := (Secret{}); zero.Set() || zero.Reveal() != "" {
		t.Errorf("the zero Secret is set: %q", zero.Reveal())
	}
}

// leaks reports whether text holds the marker, also in hexadecimal.
func leaks(text string) bool {
	lower := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	return strings.Contains(text, marker) || strings.Contains(lower, fmt.Sprintf("%x", marker)) || strings.Contains(text, fmt.Sprint([]byte(marker)))
}

func TestLogHoldsNoSecret(t *testing.T) {
	s := newSecret(`xoxb-"`+marker, "x")
	cfg := defaultConfig()
	cfg.Slack.BotToken = s
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			var out strings.Builder
			log := newLogger(&out, LogConfig{Level: "debug", Format: format, secrets: []Secret{{}, s}})
			log.Info("typed", "secret", s, "pointer", &s, "list", []Secret{s}, "map", map[string]Secret{"a": s})
			log.Info("whole", "config", cfg, slog.Group("g", "s", s))
			log.With("s", s).WithGroup("g").Warn("with", "s", s)
			log.Error("text of a library: "+s.Reveal(), "err", errors.New("Get https://x/?token="+s.Reveal()))
			if got := out.String(); leaks(got) {
				t.Errorf("the log holds the secret:\n%s", got)
			}
			if got := strings.Count(out.String(), "\n"); got != 4 {
				t.Errorf("got %d records, want 4:\n%s", got, out.String())
			}
			if !strings.Contains(out.String(), redacted) {
				t.Errorf("nothing is redacted in\n%s", out.String())
			}
		})
	}
}

// TestLogWithoutTheScrubberLeaks proves that the test above can fail.
func TestLogWithoutTheScrubberLeaks(t *testing.T) {
	var out strings.Builder
	newLogger(&out, LogConfig{}).Error("text of a library: " + marker)
	if !leaks(out.String()) {
		t.Errorf("got %q, want the marker in it", out.String())
	}
}

func TestLogLevels(t *testing.T) {
	for level, want := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
		var out strings.Builder
		log := newLogger(&out, LogConfig{Level: level, Format: "text"})
		log.Debug("d")
		log.Info("i")
		log.Warn("w")
		log.Error("e")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("level %s: got %d records, want %d", level, got, want)
		}
	}
}

// secretCases are all secrets: the variable, a good value, and where it ends up.
var secretCases = []struct {
	variable, key, good string
	others              string // what must stand in the file beside it
	get                 func(*Config) string
}{
	{"RAPPORT_SLACK_BOT_TOKEN", "slack.bot_token", "xoxb-" + marker, "[slack]\napp_token = \"xapp-1\"\n", func(c *Config) string { return c.Slack.BotToken.Reveal() }},
	{"RAPPORT_SLACK_APP_TOKEN", "slack.app_token", "xapp-" + marker, "[slack]\nbot_token = \"xoxb-1\"\n", func(c *Config) string { return c.Slack.AppToken.Reveal() }},
	{"RAPPORT_SLACK_SIGNING_SECRET", "slack.signing_secret", marker, "[slack]\nbot_token = \"xoxb-1\"\nlisten = \"127.0.0.1:1\"\n", func(c *Config) string { return c.Slack.SigningSecret.Reveal() }},
	{"RAPPORT_DISCORD_TOKEN", "discord.token", marker, "[discord]\n", func(c *Config) string { return c.Discord.Token.Reveal() }},
	{"RAPPORT_DATABASE_URL", "database.url", marker + ".db", "[database]\n", func(c *Config) string { return c.Database.URL }},
	{"RAPPORT_PRIVACY_KEY", "", strings.Repeat("0a", 32), "", func(c *Config) string { return c.Privacy.Key.Reveal() }},
}

func credentialName(variable string) string {
	return strings.ToLower(strings.TrimPrefix(variable, "RAPPORT_"))
}

func TestSecretSources(t *testing.T) {
	for _, c := range secretCases {
		t.Run(c.variable, func(t *testing.T) {
			vars := map[string]string{}
			env := testEnv(t, vars)
			file := filepath.Join(env.Dir, "config.toml")
			writeFile(t, filepath.Join(env.Dir, "value"), bom+c.good+"\r\n")
			writeFile(t, filepath.Join(env.Dir, "creds", credentialName(c.variable)), c.good+"\n")
			sources := map[string]func(){
				c.variable:           func() { vars[c.variable] = c.good },
				c.variable + "_FILE": func() { vars[c.variable+"_FILE"] = "value" }, // relative to the working folder
				"credential " + credentialName(c.variable): func() { vars["CREDENTIALS_DIRECTORY"] = filepath.Join(env.Dir, "creds") },
			}
			if c.key != "" {
				_, name, _ := strings.Cut(c.key, ".")
				sources["config.toml"] = func() { writeFile(t, file, c.others+name+" = \""+c.good+"\"\n") }
			}
			reset := func() { clear(vars); writeFile(t, file, c.others) }
			for name, use := range sources {
				reset()
				use()
				cfg, err := LoadConfig(env, "")
				if err != nil {
					t.Errorf("from %s: %v", name, err)
				} else if got := c.get(cfg); got != c.good {
					t.Errorf("from %s: got %q, want %q", name, got, c.good)
				}
				for other, also := range sources {
					if other == name {
						continue
					}
					reset()
					use()
					also()
					_, err := LoadConfig(env, "")
					if got := fmt.Sprint(err); !strings.Contains(got, "is given twice, here and by ") || !strings.Contains(got, name) || !strings.Contains(got, other) {
						t.Errorf("from %s and %s: got %q, want that it is given twice", name, other, got)
					}
				}
			}
		})
	}
}

func TestSecretFilesAtFault(t *testing.T) {
	env := testEnv(t, nil)
	writeFile(t, filepath.Join(env.Dir, "empty"), " \n")
	writeFile(t, filepath.Join(env.Dir, "long"), strings.Repeat("x", maxSecret+1))
	for name, want := range map[string]string{
		"missing": "RAPPORT_DISCORD_TOKEN_FILE: the file it names does not exist",
		"empty":   "RAPPORT_DISCORD_TOKEN_FILE: its file is empty",
		"long":    "RAPPORT_DISCORD_TOKEN_FILE: its file cannot be read: it is too long for a secret",
		".":       "RAPPORT_DISCORD_TOKEN_FILE: its file cannot be read: it is no file",
	} {
		env.Getenv = func(v string) string { return map[string]string{"RAPPORT_DISCORD_TOKEN_FILE": name}[v] }
		if _, err := LoadConfig(env, ""); fmt.Sprint(err) != want {
			t.Errorf("%s: got %q, want %q", name, fmt.Sprint(err), want)
		}
	}
}

// TestNoErrorHoldsASecret puts a marker in every place a secret could be typed
// by mistake: as the value of every key in several wrong forms, as a key, as a
// section, beside a line that is not TOML, and in every variable.
func TestNoErrorHoldsASecret(t *testing.T) {
	env := testEnv(t, nil)
	plain := newReader(env, "x", nil)
	plain.sections(defaultConfig())
	faults := 0
	try := func(name, text string, vars map[string]string) {
		t.Helper()
		writeFile(t, filepath.Join(env.Dir, "config.toml"), text)
		env.Getenv = func(name string) string { return vars[name] }
		cfg, err := LoadConfig(env, "")
		if err == nil {
			if got := fmt.Sprintf("%+v %q", cfg.Slack, cfg.Warnings); leaks(got) {
				t.Errorf("%s: the configuration prints the secret: %s", name, got)
			}
			return
		}
		faults++
		if leaks(err.Error()) || leaks(fmt.Sprintf("%+v %#v", err, err)) {
			t.Errorf("%s: the error prints the secret: %v\n%s", name, err, text)
		}
	}
	values := []string{
		`"%s"`, `"xoxb-%s"`, `"xapp-%s"`, `"Bot %s"`, `"postgres://u:%s@h/db"`, `"https://u:%s@h/"`, `"0 9 * * %s"`, `" %s"`, `"%s:8080"`, `"[%s"`,
		`["%s"]`, `{ x = "%s" }`, `{ %s = 1 }`, `%s`, `"%s`, `'%s`, "\"\"\"\n%s\n\"\"\"", "\"%s\\", `"a" "%s"`, "[\n\"%s\"\n", `12%s`, `"\q%s"`, `= "%s"`, "\u201c%s\u201d",
	}
	for _, key := range plain.asked {
		section, name := splitKey(key)
		for _, v := range values {
			v = fmt.Sprintf(v, marker)
			try(key+" = "+v, "["+section+"]\n"+name+" = "+v+"\n", nil)
			try(key+" = "+v+" and more", "["+section+"]\n"+name+" = "+v+"\n[log]\nlevel = \n", nil)
		}
	}
	for _, line := range []string{"%s = 1", "[%s]", "[[%s]]", "[log.%s]", "log.%s.a = 1", "%s", "\"%s\" = 1", "x.%s = 2\nx.%[1]s = 3", "[%s]\n[%[1]s]", "[log]\n%s = 1\n%[1]s = 1"} {
		try(line, fmt.Sprintf(line, marker)+"\n", nil)
		try(line, fmt.Sprintf(line, "xoxb-"+marker)+"\n", nil)
	}
	for _, c := range secretCases {
		for _, v := range []string{"%s", "xoxb-%s", "xapp-%s", "a %s", "postgres://u:%s@h/db", ":%s"} {
			v = fmt.Sprintf(v, marker)
			try(c.variable, "", map[string]string{c.variable: v})
			try(c.variable+"_FILE", "", map[string]string{c.variable + "_FILE": v})
			try(c.variable+" twice", "[slack]\nbot_token = \"xoxb-"+marker+"\"\n", map[string]string{c.variable: v, c.variable + "_FILE": v})
		}
	}
	if want := 20 * len(plain.asked); faults < want {
		t.Errorf("only %d texts were faulty, want at least %d: the marker was hardly tried", faults, want)
	}
}
