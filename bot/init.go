package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"rapport/adapters/slack"
)

type initCommand struct {
	Dir   string `placeholder:"DIR" default:"." help:"Write into this folder. Without it: the one you are in."`
	HTTP  string `name:"http" placeholder:"URL" help:"Let Slack call this public address, https://HOST/slack. Without it Rapport calls Slack (Socket Mode) and needs none."`
	Files bool   `help:"Also ask for the right to upload files, for the picture of one's weeks and one's own data."`
}

// Run implements kong's command.
func (i initCommand) Run(env Env, c *cli) error {
	if c.Config != "" {
		return misuse("init writes a new config.toml; say where with --dir, not with --config")
	}
	return initCmd(env, i)
}

// initCmd writes a configuration and a Slack app manifest, both or neither and
// never over a file, and lists what is left to do by hand.
func initCmd(env Env, i initCommand) error {
	public, err := publicURL(i.HTTP)
	if err != nil {
		return err
	}
	if err := writeNew(env.path(i.Dir), []newFile{
		{"config.toml", initialConfig(public != "")},
		{"slack-manifest.json", slack.Manifest(public, i.Files)},
	}); err != nil {
		return err
	}
	_, err = fmt.Fprint(env.Stdout, initText(i.Dir, public))
	return err
}

// publicURL is where Slack's requests arrive: /slack unless another path is
// named.
func publicURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", misuse("--http must be an address that starts with https://, such as https://rapport.example.org/slack")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/slack"
	}
	return u.String(), nil
}

//go:embed init.toml
var configTemplate string

const socketSection = `[slack]
# The bot token, which the app's page shows under Install App. Take away the #.
#bot_token = "xoxb-..."
# The app-level token with connections:write, from Basic Information.
#app_token = "xapp-..."
# How many sockets to keep open, 1 to 10.
connections = 2`

const httpSection = `[slack]
# The bot token, which the app's page shows under Install App. Take away the #.
#bot_token = "xoxb-..."
# The signing secret, from Basic Information.
#signing_secret = "..."
# Where your proxy passes Slack's requests to.
#listen = "127.0.0.1:3000"`

// initialConfig is a configuration that only lacks the credentials.
func initialConfig(http bool) []byte {
	section := socketSection
	if http {
		section = httpSection
	}
	return []byte(strings.Replace(configTemplate, "%SLACK%", section, 1))
}

// A newFile is a file to make.
type newFile struct {
	name string
	body []byte
}

// writeNew makes files in dir with mode 0600, and dir if only that is missing.
// It makes all of them or none, each whole, and replaces nothing.
func writeNew(dir string, files []newFile) (err error) {
	made, err := makeDir(dir)
	if err != nil {
		return err
	}
	var done []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range done {
			os.Remove(name)
		}
		if made {
			os.Remove(dir)
		}
	}()
	if err := noneThere(dir, files); err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dir, f.name)
		if err := writeWhole(name, f.body); err != nil {
			return fmt.Errorf("init: %w", err)
		}
		done = append(done, name)
	}
	return nil
}

func makeDir(dir string) (made bool, err error) {
	err = os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("init: %w", err)
	}
	return true, nil
}

// noneThere is an error that names the files that are in the way.
func noneThere(dir string, files []newFile) error {
	var there []string
	for _, f := range files {
		switch _, err := os.Lstat(filepath.Join(dir, f.name)); {
		case err == nil:
			there = append(there, filepath.Join(dir, f.name))
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("init: %w", err)
		}
	}
	if len(there) == 0 {
		return nil
	}
	verb, it := "exists", "it"
	if len(there) > 1 {
		verb, it = "exist", "them"
	}
	return fmt.Errorf("%s %s already, so nothing was written: keep %s and run `rapport doctor`, or move %s away, or name another folder with --dir",
		strings.Join(there, " and "), verb, it, it)
}

// writeWhole makes a file that is there with all of body or not at all. It is
// an error if the name is taken.
func writeWhole(name string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), name) // unlike a rename it replaces nothing
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(f.Name(), name) // a file system without links
}

// initText says what was written and what is left to do.
func initText(dir, public string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Wrote %s and %s. To connect Slack:\n\n", filepath.Join(dir, "config.toml"), filepath.Join(dir, "slack-manifest.json"))
	steps := socketSteps[:]
	if public != "" {
		steps = httpSteps(public)
	}
	for n, step := range steps {
		fmt.Fprintf(&b, "%d. %s\n", n+1, strings.ReplaceAll(step, "\n", "\n   "))
	}
	if filepath.Clean(dir) != "." {
		fmt.Fprintf(&b, "\nRun these commands in %s, where config.toml is.\n", dir)
	}
	if public == "" {
		b.WriteString("\nNo public address is needed: Rapport calls Slack, not the other way round.\n")
	}
	return b.String()
}

const (
	stepCreate = "Create the app: open https://api.slack.com/apps?new_app=1, choose \"From a manifest\"\n" +
		"and your workspace, and paste slack-manifest.json."
	stepInstall = "Under \"Install App\" install it to your workspace and copy the bot token (xoxb-...)."
	stepDoctor  = "Run `rapport doctor`. It checks all of this and says how to mend what is wrong."
	stepSetup   = "In Slack type /invite @Rapport in the channel for the weekly post, then /rapport setup."
)

var socketSteps = [...]string{
	stepCreate,
	stepInstall,
	"Under \"Basic Information\", \"App-Level Tokens\", generate a token with the scope\nconnections:write and copy it (xapp-...).",
	"Put both into config.toml, as bot_token and app_token, or into the environment, as\nRAPPORT_SLACK_BOT_TOKEN and RAPPORT_SLACK_APP_TOKEN.",
	stepDoctor,
	"Run `rapport`.",
	stepSetup,
}

func httpSteps(public string) []string {
	return []string{
		stepCreate,
		stepInstall,
		"Under \"Basic Information\" copy the signing secret.",
		"Put both into config.toml, as bot_token and signing_secret, or into the environment, as\nRAPPORT_SLACK_BOT_TOKEN and RAPPORT_SLACK_SIGNING_SECRET. Set listen in config.toml.",
		"Let your HTTPS proxy pass " + public + "\nto http://127.0.0.1:3000/slack (the address in listen, with /slack behind it).",
		stepDoctor,
		"Run `rapport`. Then, under \"Event Subscriptions\", let Slack verify the address.",
		stepSetup,
	}
}
