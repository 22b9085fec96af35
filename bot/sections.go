package main

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	"rapport/adapters/keyring"
	"rapport/coach/curriculum"
	"rapport/schedules"
)

// sections reads every section of the file. A key exists by being read here.
func (r *reader) sections(c *Config) {
	r.database(&c.Database)
	r.coach(&c.Coach)
	r.schedules(&c.Schedules)
	r.slack(&c.Slack)
	r.discord(&c.Discord)
	r.listen("web.listen", &c.Web.Listen, r.thisMachine)
	r.monitor(&c.Monitor)
	r.privacy(&c.Privacy)
	r.choice("log.level", &c.Log.Level, "debug", "info", "warn", "error")
	r.choice("log.format", &c.Log.Format, "text", "json")
	if l := r.values["monitor.listen"]; l != nil && c.Monitor.Listen == c.Web.Listen && !strings.HasSuffix(c.Web.Listen, ":0") {
		r.fault(l.place, "monitor.listen", "is the address of web.listen too; give each its own port")
	}
}

func (r *reader) database(c *DatabaseConfig) {
	url := r.secret("database.url", "RAPPORT_DATABASE_URL", nil)
	if !url.Set() {
		return
	}
	switch v := url.Reveal(); {
	case strings.HasPrefix(v, "postgres://") || strings.HasPrefix(v, "postgresql://"):
		r.faultOf(url, "database.url", "PostgreSQL is not in this release; name a file for SQLite, such as \"rapport.db\"")
	case strings.Contains(v, "://") || strings.HasPrefix(v, "file:") || strings.HasPrefix(v, ":") || strings.ContainsRune(v, 0):
		r.faultOf(url, "database.url", "must be the name of a file, such as \"rapport.db\"")
	default:
		c.URL = v
	}
}

func (r *reader) coach(c *CoachConfig) {
	r.text("coach.language", &c.Language, func(v string) string {
		if _, err := curriculum.Builtin(v); err != nil {
			return "there is no curriculum in this language; this release has \"en\""
		}
		return ""
	})
	r.text("coach.time_zone", &c.TimeZone, checkZone)
	r.weekday("coach.week_start", &c.WeekStart)
	r.text("coach.curriculum_dir", &c.CurriculumDir, func(v string) string {
		if info, err := os.Stat(r.env.path(v)); v != "" && (err != nil || !info.IsDir()) {
			return "there is no such folder; make it, or leave the key out"
		}
		return ""
	})
	r.text("coach.help_contact", &c.HelpContact, checkLine)
	r.text("coach.operator", &c.Operator, checkLine)
}

func checkZone(v string) string {
	if _, err := time.LoadLocation(v); v == "" || v == "Local" || len(v) > 60 || err != nil {
		return "is no time zone; write it like \"Europe/Berlin\" or \"UTC\" (the list: https://en.wikipedia.org/wiki/List_of_tz_database_time_zones)"
	}
	return ""
}

// maxLine is the most characters of a text that people are shown in a sentence.
const maxLine = 200

func checkLine(v string) string {
	switch {
	case strings.ContainsAny(v, "\r\n"):
		return "must be one line"
	case len([]rune(v)) > maxLine:
		return fmt.Sprintf("is too long: at most %d characters", maxLine)
	}
	return ""
}

func (r *reader) schedules(c *SchedulesConfig) {
	r.text("schedules.nudge", &c.Nudge, func(v string) string {
		if fault := checkSpec(v); fault != "" {
			return fault
		}
		if spec, _ := schedules.Parse(v); !onceAWeek(spec) {
			return "the nudge is weekly, so it must name one weekday and one time, such as \"0 9 * * 1\" for Mondays at 09:00"
		}
		return ""
	})
	r.text("schedules.tip", &c.Tip, checkSpec)
	r.text("schedules.reflection", &c.Reflection, checkSpec)
}

// checkSpec words the parser's error only where the value looks like a
// schedule: anything else might be a secret in the wrong place.
func checkSpec(v string) string {
	fields := strings.Fields(v)
	for _, f := range fields {
		if len(f) > 20 {
			fields = nil
		}
	}
	if len(fields) != 5 {
		return "must be five fields (minute, hour, day of the month, month, weekday), such as \"0 9 * * 1\" for Mondays at 09:00"
	}
	if _, err := schedules.Parse(v); err != nil {
		return err.Error()
	}
	return ""
}

// onceAWeek reports whether a spec names one weekday and one time of day.
func onceAWeek(s schedules.Spec) bool {
	days := s.Weekdays()
	return days != 0 && days&(days-1) == 0 && oneTime.MatchString(s.String())
}

var (
	oneTime      = regexp.MustCompile(`^\d+ \d+ `)
	slackUser    = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)
	slackChannel = regexp.MustCompile(`^[CG][A-Z0-9]{2,20}$`)
	snowflake    = regexp.MustCompile(`^[0-9]{1,20}$`)
	publicKey    = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	shardRange   = regexp.MustCompile(`^[0-9]{1,5}-[0-9]{1,5}/[0-9]{1,5}$`)
)

func (r *reader) slack(c *SlackConfig) {
	c.BotToken = r.secret("slack.bot_token", "RAPPORT_SLACK_BOT_TOKEN", checkBotToken)
	c.AppToken = r.secret("slack.app_token", "RAPPORT_SLACK_APP_TOKEN", checkAppToken)
	c.SigningSecret = r.secret("slack.signing_secret", "RAPPORT_SLACK_SIGNING_SECRET", checkSigningSecret)
	r.listen("slack.listen", &c.Listen, nil)
	r.apiURL("slack.api_url", &c.APIURL)
	c.APIURL = strings.TrimSuffix(c.APIURL, "/") + "/" // as Slack's client wants it
	r.number("slack.connections", &c.Connections, 1, 10)
	doubt := "skip"
	r.choice("slack.in_doubt", &doubt, "skip", "resend")
	c.ResendInDoubt = doubt == "resend"
	r.list("slack.admins", &c.Admins, slackUser, "must hold Slack user ids, such as \"U0123ABCD\"")
	r.list("slack.nudge_channels", &c.NudgeChannels, slackChannel, "must hold Slack channel ids, such as \"C0123ABCD\"")
	r.slackNudge(c)
	r.slackTokens(c)
}

// slackNudge checks what a nudge needs that nobody sets up in the chat.
func (r *reader) slackNudge(c *SlackConfig) {
	const key = "slack.nudge_channels"
	switch {
	case len(c.NudgeChannels) > 1:
		r.fault(r.values[key].place, key, "holds more than one, and a workspace has one weekly post; keep one")
	case len(c.NudgeChannels) == 1 && len(c.Admins) == 0 && !r.named("slack.admins"):
		r.fault(r.values[key].place, key, "also needs slack.admins: the first one is named as who turned the post on")
	}
}

// slackTokens checks that the credentials together serve one of the two ways to
// connect.
func (r *reader) slackTokens(c *SlackConfig) {
	http := r.named("slack.listen")
	switch {
	case c.AppToken.Set() && c.SigningSecret.Set():
		r.faultOf(c.SigningSecret, "slack.signing_secret", "is for HTTP and app_token is for Socket Mode; keep one of the two")
	case c.SigningSecret.Set() && !http:
		r.faultOf(c.SigningSecret, "slack.signing_secret", "is for HTTP, which also needs slack.listen")
	case c.BotToken.Set() && !c.AppToken.Set() && !c.SigningSecret.Set() && !r.named("slack.app_token", "slack.signing_secret"):
		r.faultOf(c.BotToken, "slack.bot_token", "is not enough: Socket Mode also needs slack.app_token, HTTP needs slack.signing_secret and slack.listen")
	}
	if http && !c.SigningSecret.Set() && !r.named("slack.signing_secret") {
		r.fault(r.values["slack.listen"].place, "slack.listen", "is for HTTP, which also needs slack.signing_secret; for Socket Mode leave it out")
	}
	if c.BotToken.Set() || r.named("slack.bot_token") {
		return
	}
	if c.AppToken.Set() {
		r.faultOf(c.AppToken, "slack.app_token", "is not enough: slack.bot_token is missing")
	}
	if c.SigningSecret.Set() {
		r.faultOf(c.SigningSecret, "slack.signing_secret", "is not enough: slack.bot_token is missing")
	}
}

func checkBotToken(v string) string {
	switch {
	case strings.HasPrefix(v, "xapp-"):
		return "this is the app-level token (xapp-); it belongs in app_token, and bot_token starts with xoxb-"
	case !strings.HasPrefix(v, "xoxb-"):
		return "must be the bot token, which starts with xoxb-"
	}
	return checkToken(v)
}

func checkAppToken(v string) string {
	switch {
	case strings.HasPrefix(v, "xoxb-"):
		return "this is the bot token (xoxb-); it belongs in bot_token, and app_token starts with xapp-"
	case !strings.HasPrefix(v, "xapp-"):
		return "must be the app-level token, which starts with xapp-"
	}
	return checkToken(v)
}

func checkSigningSecret(v string) string {
	if strings.HasPrefix(v, "xoxb-") || strings.HasPrefix(v, "xapp-") {
		return "this is a token; the signing secret stands on the app's page under Basic Information"
	}
	return checkToken(v)
}

func checkToken(v string) string {
	if strings.ContainsFunc(v, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "has characters that no token has, such as a space; copy it again"
	}
	return ""
}

func (r *reader) discord(c *DiscordConfig) {
	c.Token = r.secret("discord.token", "RAPPORT_DISCORD_TOKEN", func(v string) string {
		if strings.HasPrefix(v, "Bot ") {
			return "leave out \"Bot \" at the start"
		}
		return checkToken(v)
	})
	r.text("discord.application_id", &c.ApplicationID, matching(snowflake, "must be the digits of the application's id"))
	r.text("discord.public_key", &c.PublicKey, matching(publicKey, "must be 64 hexadecimal digits"))
	r.listen("discord.listen", &c.Listen, nil)
	r.text("discord.shards", &c.Shards, checkShards)
	r.apiURL("discord.api_url", &c.APIURL)
	c.APIURL = strings.TrimSuffix(c.APIURL, "/")
	r.text("discord.dev_guild", &c.DevGuild, matching(snowflake, "must be the digits of a server's id"))
	r.list("discord.nudge_channels", &c.NudgeChannels, snowflake, "must hold the digits of channel ids, such as \"1234567890\"")
	r.pair("discord.public_key", "discord.listen")
}

func checkShards(v string) string {
	var first, last, total int
	if v == "all" {
		return ""
	}
	if shardRange.MatchString(v) {
		fmt.Sscanf(v, "%d-%d/%d", &first, &last, &total)
	}
	if last < first || last >= total {
		return "must be \"all\" or FIRST-LAST/TOTAL counted from 0, such as \"0-3/16\""
	}
	return ""
}

func (r *reader) monitor(c *MonitorConfig) {
	r.listen("monitor.listen", &c.Listen, nil)
	r.flag("monitor.pprof", &c.Pprof)
	if c.Pprof && c.Listen != "" && r.thisMachine(c.Listen) != "" {
		r.warnings = append(r.warnings, "monitor.pprof is on and monitor.listen can be reached from other machines: profiles show what the program holds in memory")
	}
}

// thisMachine is a fault if an address can be reached from elsewhere.
func (r *reader) thisMachine(address string) string {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return ""
	}
	return "must be an address of this machine alone, such as \"127.0.0.1:8080\": the page has no log-in"
}

func (r *reader) privacy(c *PrivacyConfig) {
	c.Key = r.secret("", "RAPPORT_PRIVACY_KEY", func(v string) string {
		if _, err := keyring.ParseMaster([]byte(v)); err != nil {
			return err.Error()
		}
		return ""
	})
	r.text("privacy.key_file", &c.KeyFile, checkFile)
	if file := r.values["privacy.key_file"]; file != nil && c.Key.Set() {
		r.fault(file.place, "privacy.key_file", "the key is given twice, here and by %s; keep one", c.Key.source)
	}
	r.text("privacy.keys", &c.Keys, checkFile)
	t := &c.Retention
	r.number("privacy.retention.prep", &t.Prep, 1, 365)
	r.number("privacy.retention.repair", &t.Repair, 1, 730)
	r.number("privacy.retention.left", &t.Left, 1, 365)
	r.number("privacy.retention.unseen", &t.Unseen, 30, 3650)
	r.number("privacy.retention.deliveries", &t.Deliveries, 30, 365)
	r.number("privacy.retention.uninstalled", &t.Uninstalled, 1, 365)
}

func checkFile(v string) string {
	if strings.TrimSpace(v) == "" || strings.ContainsRune(v, 0) {
		return "must be the name of a file"
	}
	return ""
}
