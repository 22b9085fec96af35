package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Config is everything an operator can choose. Every field is valid: what
// [LoadConfig] returns needs no second check. File names are as they were
// written, relative to the working folder.
type Config struct {
	File     string   // where it was read from; "" = defaults and environment only
	Warnings []string // for the operator, without values

	Database  DatabaseConfig
	Coach     CoachConfig
	Schedules SchedulesConfig
	Slack     SlackConfig
	Discord   DiscordConfig
	Web       WebConfig
	Monitor   MonitorConfig
	Privacy   PrivacyConfig
	Log       LogConfig
}

// DatabaseConfig is [database].
type DatabaseConfig struct {
	URL string // the SQLite file
}

// CoachConfig is [coach]: what holds where a team and a person chose nothing.
type CoachConfig struct {
	Language      string
	TimeZone      string // IANA name
	WeekStart     time.Weekday
	CurriculumDir string // an admin's folder laid over the embedded edition; "" = none
	HelpContact   string // "" = nobody in particular
	Operator      string // who runs the server and holds its key, as people are told; "" = nobody in particular
}

// SchedulesConfig is [schedules]: specs that schedules.Parse takes.
type SchedulesConfig struct {
	Nudge      string // names exactly one weekday
	Tip        string
	Reflection string
}

// SlackConfig is [slack].
type SlackConfig struct {
	BotToken, AppToken, SigningSecret Secret
	Listen                            string // for HTTP; "" = Socket Mode
	APIURL                            string // ends in "/"
	Connections                       int
	ResendInDoubt                     bool // in_doubt = "resend"
	Admins                            []string
	NudgeChannels                     []string
}

// DiscordConfig is [discord].
type DiscordConfig struct {
	Token         Secret
	ApplicationID string
	PublicKey     string // 64 hexadecimal digits; for HTTP
	Listen        string // for HTTP; "" = gateway
	Shards        string // "all" or "FIRST-LAST/TOTAL"
	APIURL        string // ends without "/"
	DevGuild      string
	NudgeChannels []string
}

// WebConfig is [web].
type WebConfig struct {
	Listen string // host:port of this machine alone
}

// MonitorConfig is [monitor].
type MonitorConfig struct {
	Listen string // host:port; "" = off
	Pprof  bool   // also serve profiles
}

// PrivacyConfig is [privacy].
type PrivacyConfig struct {
	Key       Secret // the master key itself, from the environment; not set: KeyFile
	KeyFile   string // file of the master key, which the first local run makes; without a folder: beside the database
	Keys      string // file of the wrapped keys of people; without a folder: beside the database
	Retention Retention
}

// Retention says for how many days things are kept.
type Retention struct {
	Prep        int // a preparation, after its debrief
	Repair      int // a repair, after its last follow-up
	Left        int // a person who left or was deactivated
	Unseen      int // a person who does nothing; told in their last message
	Deliveries  int // rows of what was sent
	Uninstalled int // a team that removed the coach
}

// LogConfig is [log].
type LogConfig struct {
	Level  string // debug, info, warn or error
	Format string // text or json

	secrets []Secret // what no record may hold
}

// Where the program listens if nothing else is configured. A default that is
// taken gives way to the next free port.
const (
	defaultWeb     = "127.0.0.1:8080"
	defaultMonitor = "127.0.0.1:9090"
)

// defaultConfig is what holds without a file.
func defaultConfig() *Config {
	return &Config{
		Database:  DatabaseConfig{URL: "rapport.db"},
		Coach:     CoachConfig{Language: "en", TimeZone: "UTC", WeekStart: time.Monday},
		Schedules: SchedulesConfig{Nudge: "0 9 * * 1", Tip: "30 9 * * 1-5", Reflection: "0 16 * * 5"},
		Slack:     SlackConfig{APIURL: "https://slack.com/api/", Connections: 2},
		Discord:   DiscordConfig{Shards: "all", APIURL: "https://discord.com/api/v10"},
		Web:       WebConfig{Listen: defaultWeb},
		Monitor:   MonitorConfig{Listen: defaultMonitor},
		Privacy: PrivacyConfig{
			KeyFile:   "rapport.key",
			Keys:      "rapport.keys",
			Retention: Retention{Prep: 7, Repair: 90, Left: 30, Unseen: 396, Deliveries: 35, Uninstalled: 30},
		},
		Log: LogConfig{Level: "info", Format: "text"},
	}
}

// LoadConfig reads the configuration file named, or the first there is of
// config.toml in env.Dir and rapport/config.toml in the user's configuration
// folder, and the secrets of the environment. Without a file the defaults hold.
//
// The error is [ConfigFaults] where the operator can put things right: every
// fault, with its place, its key and our own words. No value of a secret and no
// line of the file is ever part of it.
func LoadConfig(env Env, named string) (*Config, error) {
	name, data, err := configFile(env, named)
	if err != nil {
		return nil, err
	}
	cfg := defaultConfig()
	r := newReader(env, name, data)
	r.sections(cfg)
	r.unknown()
	if len(r.faults) > 0 {
		r.faults.sort()
		return nil, r.faults
	}
	cfg.File = name
	cfg.Log.secrets = []Secret{cfg.Slack.BotToken, cfg.Slack.AppToken, cfg.Slack.SigningSecret, cfg.Discord.Token, cfg.Privacy.Key}
	cfg.Warnings = append(r.warnings, permissionWarning(env, name, r.secretInFile)...)
	return cfg, nil
}

// configFile finds and reads the file. name is as the operator would write it.
func configFile(env Env, named string) (name string, data []byte, err error) {
	if named != "" {
		data, err = os.ReadFile(env.path(named))
		if err != nil {
			return "", nil, fmt.Errorf("configuration: %w", err)
		}
		return named, data, nil
	}
	for _, name := range configPlaces(env) {
		data, err := os.ReadFile(env.path(name))
		if err == nil {
			return name, data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", nil, fmt.Errorf("configuration: %w", err)
		}
	}
	return "", nil, nil
}

func configPlaces(env Env) []string {
	places := []string{"config.toml"}
	if home := env.Getenv("XDG_CONFIG_HOME"); home != "" {
		return append(places, filepath.Join(home, "rapport", "config.toml"))
	}
	if home := env.Getenv("HOME"); home != "" {
		return append(places, filepath.Join(home, ".config", "rapport", "config.toml"))
	}
	return places
}

// path makes a file name of the operator absolute.
func (e Env) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(e.Dir, name)
}

// permissionWarning warns of a file with secrets that everyone on the machine
// can read.
func permissionWarning(env Env, name string, secrets bool) []string {
	if !secrets || runtime.GOOS == "windows" {
		return nil
	}
	info, err := os.Stat(env.path(name))
	if err != nil || info.Mode().Perm()&0o004 == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s holds secrets and everyone on this machine can read it; run: chmod 600 %s", name, name)}
}
