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

	"rapport/adapters/discord"
	"rapport/adapters/slack"
)

type initCommand struct {
	Dir   string `placeholder:"DIR" default:"." help:"Write into this folder. Without it: the one you are in."`
	HTTP  string `name:"http" placeholder:"URL" help:"Let Slack call this public address, https://HOST/slack. Without it Rapport calls Slack (Socket Mode) and needs none."`
	Files bool   `help:"Also ask for Slack's right to upload files, for the picture of one's weeks and one's own data."`

	Discord string `placeholder:"ID" help:"The id of your Discord application, for a complete invite link."`
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
	if i.Discord != "" && !snowflake.MatchString(i.Discord) {
		return misuse("--discord must be the digits of the application's id, from General Information on https://discord.com/developers/applications")
	}
	if err := writeNew(env.path(i.Dir), []newFile{
		{"config.toml", initialConfig(public != "", i.Discord)},
		{"slack-manifest.json", slack.Manifest(public, i.Files)},
	}); err != nil {
		return err
	}
	_, err = fmt.Fprint(env.Stdout, initText(i.Dir, public, i.Discord))
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

const discordSection = `[discord]
# The bot token, from the application's page under Bot. Take away the #.
#token = "..."
# The id of the application, from General Information. Without it Discord is asked.
#application_id = "1234567890"
# For HTTP in place of the gateway: the public key, from General Information,
#public_key = "0000000000000000000000000000000000000000000000000000000000000000"
# and where your proxy passes Discord's requests to.
#listen = "127.0.0.1:3001"
# Which shards this process runs: "all", or its share, such as "0-3/16".
shards = "all"
# Another address for proxies and tests.
api_url = "https://discord.com/api/v10"
# Register the commands on this server alone, at once; for development.
#dev_guild = "1234567890"
# Channels that get the weekly post without /rapport-admin: "1234567890".
nudge_channels = []`

// initialConfig is a configuration that only lacks the credentials.
func initialConfig(http bool, application string) []byte {
	section, more := socketSection, discordSection
	if http {
		section = httpSection
	}
	if application != "" {
		more = strings.Replace(more, `#application_id = "1234567890"`, `application_id = "`+application+`"`, 1)
	}
	return []byte(strings.NewReplacer("%SLACK%", section, "%DISCORD%", more).Replace(configTemplate))
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
func initText(dir, public, application string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Wrote %s and %s.\n", filepath.Join(dir, "config.toml"), filepath.Join(dir, "slack-manifest.json"))
	list := func(platform string, steps []string) {
		fmt.Fprintf(&b, "\nTo connect %s:\n\n", platform)
		for n, step := range steps {
			fmt.Fprintf(&b, "%d. %s\n", n+1, strings.ReplaceAll(step, "\n", "\n   "))
		}
	}
	steps := socketSteps[:]
	if public != "" {
		steps = httpSteps(public)
	}
	list("Slack", steps)
	list("Discord", discordSteps(application))
	if filepath.Clean(dir) != "." {
		fmt.Fprintf(&b, "\nRun these commands in %s, where config.toml is.\n", dir)
	}
	if public == "" {
		b.WriteString("\nNo public address is needed: Rapport calls Slack and Discord, not the other way round.\n")
	}
	b.WriteString("One of the two is enough, and both at once work as well.\n")
	return b.String()
}

// noApplication stands in the invite link for an id that is not known yet.
const noApplication = "APPLICATION_ID"

// discordSteps are those for Discord, with the link that adds the app to a server.
func discordSteps(application string) []string {
	link := "Add it to your server with this link:"
	if application == "" {
		application, link = noApplication, "Add it to your server with this link, with the application's id in it:"
	}
	return []string{
		"Open https://discord.com/developers/applications, press \"New Application\", name it Rapport,\nand copy the application id under \"General Information\".",
		"Under \"Bot\" press \"Reset Token\" and copy the token. Leave every privileged intent off.",
		"Put the token into config.toml, as token in [discord], or into the environment, as\nRAPPORT_DISCORD_TOKEN.",
		link + "\n" + discord.InviteURL(application),
		stepDoctor,
		"Run `rapport`.",
		"In Discord type /rapport-admin to choose the channel for the weekly post.",
	}
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
