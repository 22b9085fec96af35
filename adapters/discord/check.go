package discord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

var _ coach.Checker = (*Adapter)(nil)

// Names of what is checked.
const (
	nameToken    = "discord: bot token"
	nameApp      = "discord: application"
	nameIntents  = "discord: intents"
	nameArrive   = "discord: interactions"
	nameKey      = "discord: public key"
	nameCommands = "discord: commands"
	nameStarts   = "discord: session starts"
	nameShards   = "discord: shards"
	nameClock    = "discord: clock"
	nameServers  = "discord: servers"
	nameDirect   = "discord: direct messages"
	nameChannel  = "discord: channel "
)

// What to do.
const (
	portal   = "discord.com/developers/applications"
	tryAgain = "check the network, the proxy and discord.api_url, and run this again"
)

func ok(name, why string, args ...any) coach.Finding {
	return coach.Finding{Name: name, Level: coach.OK, Why: fmt.Sprintf(why, args...)}
}

func warn(name, why, fix string) coach.Finding {
	return coach.Finding{Name: name, Level: coach.Warn, Why: why, Fix: fix}
}

func failed(name, why, fix string) coach.Finding {
	return coach.Finding{Name: name, Level: coach.Fail, Why: why, Fix: fix}
}

// Check implements [coach.Checker]. It connects to no gateway, which would use
// up one of the day's starts, and nobody sees anything of it.
func (a *Adapter) Check(ctx context.Context) []coach.Finding {
	me, err := a.me(ctx)
	if err != nil {
		f := finding(nameToken, err, tryAgain)
		f.Level = coach.Fail // nothing works without it
		return []coach.Finding{f}
	}
	findings := []coach.Finding{ok(nameToken, "works as %q", surface.Line(me.Name, 80)), a.checkClock()}
	app, err := a.application(ctx)
	if err != nil {
		findings = append(findings, finding(nameApp, err, tryAgain))
	} else {
		findings = append(findings, a.checkApp(app), checkIntents(app.Flags))
		findings = append(findings, a.checkArrival(app)...)
		findings = append(findings, a.checkCommands(ctx, app.ID), a.checkServers(ctx, app.ID))
	}
	findings = append(findings, a.checkGateway(ctx)...)
	return append(findings, ok(nameDirect, "cannot be tried without writing to somebody; who keeps them closed is told when they next ask for something"))
}

// A self is the app's own user.
type self struct {
	ID   string `json:"id"`
	Name string `json:"username"`
}

func (a *Adapter) me(ctx context.Context) (me self, err error) {
	err = a.get(ctx, "/users/@me", &me)
	if err == nil && me.ID == "" {
		err = errUnclear
	}
	return me, err
}

// errUnclear is told where Discord answers and says nothing.
var errUnclear = fault("Discord did not say", nil)

// checkApp compares the application's id.
func (a *Adapter) checkApp(app application) coach.Finding {
	if a.ApplicationID != "" && a.ApplicationID != app.ID {
		return failed(nameApp, "the token is of the application "+app.ID+", and discord.application_id is of another",
			"put "+app.ID+" into discord.application_id, or take the token of the other from "+portal+" > Bot > Reset Token")
	}
	return ok(nameApp, "%q, %s", surface.Line(app.Name, 80), app.ID)
}

// The intents that Discord asks apps to have granted, by flags of an
// application: for many servers and for few.
var privileged = [...]struct {
	name  string
	flags int
}{
	{"Presence", 1<<12 | 1<<13},
	{"Server Members", 1<<14 | 1<<15},
	{"Message Content", 1<<18 | 1<<19},
}

// checkIntents says what the app could read and need not.
func checkIntents(flags int) coach.Finding {
	var surplus []string
	for _, p := range privileged {
		if flags&p.flags != 0 {
			surplus = append(surplus, p.name)
		}
	}
	if len(surplus) == 0 {
		return ok(nameIntents, "Rapport asks for Guilds alone, and no privileged intent is switched on")
	}
	return warn(nameIntents, "not needed, and never asked for: "+strings.Join(surplus, ", "),
		"switch that off at "+portal+" > Bot > Privileged Gateway Intents")
}

// checkArrival says whether interactions come the way that Rapport waits for
// them.
func (a *Adapter) checkArrival(app application) []coach.Finding {
	const page = portal + " > General Information > Interactions Endpoint URL"
	if a.PublicKey == "" {
		if app.Endpoint != "" {
			return []coach.Finding{failed(nameArrive, "Discord sends what people do to an address over HTTP, so that the gateway tells nothing of it",
				"empty "+page+", or set discord.public_key and discord.listen")}
		}
		return []coach.Finding{ok(nameArrive, "come over the gateway")}
	}
	key := ok(nameKey, "is that of the application")
	if !strings.EqualFold(a.PublicKey, app.Key) {
		key = failed(nameKey, "is not that of the application, so that whatever Discord sends is refused",
			"copy it from "+portal+" > General Information > Public Key into discord.public_key")
	}
	if app.Endpoint == "" {
		return []coach.Finding{key, failed(nameArrive, "Discord has no address to send them to over HTTP",
			"while Rapport runs, put the address at which it can be reached, ending in "+webPath+", into "+page)}
	}
	return []coach.Finding{key, ok(nameArrive, "are sent over HTTP; Discord tried the address when it was saved")}
}

// checkCommands compares what is registered with what Rapport registers.
func (a *Adapter) checkCommands(ctx context.Context, app string) coach.Finding {
	var got []registered
	if err := a.get(ctx, a.place(app), &got); err != nil {
		return finding(nameCommands, err, tryAgain)
	}
	var wrong []string
	for _, want := range commands() {
		i := slices.IndexFunc(got, func(c registered) bool { return c.Name == want.Name })
		switch {
		case i < 0:
			wrong = append(wrong, "/"+want.Name+" is missing")
		case !alike(got[i], want):
			wrong = append(wrong, "/"+want.Name+" is not as it should be")
		}
	}
	for _, c := range got {
		if !slices.ContainsFunc(commands(), func(want registered) bool { return c.Name == want.Name }) {
			wrong = append(wrong, "/"+surface.Line(c.Name, maxOptionName)+" is not Rapport's")
		}
	}
	if len(wrong) > 0 {
		return warn(nameCommands, strings.Join(wrong, "; "), "start Rapport: it registers its commands when it starts; if it has since, see its log for \"commands not registered\"")
	}
	return ok(nameCommands, "/%s and /%s are registered", mainCommand, adminCommand)
}

// alike reports whether two commands are the same to those who use them.
func alike(a, b registered) bool {
	options := slices.EqualFunc(a.Options, b.Options, func(a, b option) bool {
		return a.Type == b.Type && a.Name == b.Name && a.Description == b.Description && a.Autocomplete == b.Autocomplete
	})
	rights := a.Rights == nil && b.Rights == nil || a.Rights != nil && b.Rights != nil && *a.Rights == *b.Rights
	return options && rights && a.Description == b.Description && sameSet(a.Contexts, b.Contexts) && sameSet(a.Installs, b.Installs)
}

func sameSet(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// mostServers is how many Discord tells of at a time.
const mostServers = 200

// checkServers says in how many servers the app is, and how it gets into one.
func (a *Adapter) checkServers(ctx context.Context, app string) coach.Finding {
	var got []struct{}
	if err := a.get(ctx, "/users/@me/guilds", &got); err != nil {
		return finding(nameServers, err, tryAgain)
	}
	switch n := len(got); n {
	case 0:
		return warn(nameServers, "Rapport is in no server, so that only people who installed it for themselves can use it",
			"who manages a server opens "+InviteURL(app))
	case 1:
		return ok(nameServers, "Rapport is in 1")
	case mostServers:
		return ok(nameServers, "Rapport is in %d or more", n)
	default:
		return ok(nameServers, "Rapport is in %d", n)
	}
}

// fewStarts are so few that a faulty supervisor uses them up within the hour.
const fewStarts = 50

// checkGateway asks how often we may still connect today, and over how many
// shards.
func (a *Adapter) checkGateway(ctx context.Context) []coach.Finding {
	info, err := a.look(ctx)
	if err != nil {
		return []coach.Finding{finding(nameStarts, err, tryAgain)}
	}
	starts := ok(nameStarts, "%d of %d are left today", info.Remaining, info.Total)
	if info.Remaining < fewStarts {
		starts = warn(nameStarts, fmt.Sprintf("%d of %d are left, for another %v; Discord resets the token of an app that uses up all", info.Remaining, info.Total, info.ResetAfter.Round(time.Minute)),
			"find out what starts so often: a supervisor that starts Rapport again and again, or another program with the same token")
	}
	return []coach.Finding{starts, a.checkShards(info.Shards)}
}

func (a *Adapter) checkShards(advised int) coach.Finding {
	ours, err := parseShards(a.Shards)
	switch {
	case err != nil:
		return failed(nameShards, "discord.shards cannot be read", `set it to "all", or to such as "0-3/16"`)
	case ours.Total > 0 && ours.Total < advised:
		return warn(nameShards, fmt.Sprintf("discord.shards makes it %d, and Discord advises %d", ours.Total, advised),
			fmt.Sprintf("make it %d in every process", advised))
	}
	return ok(nameShards, "Discord advises %d", advised)
}

// How far the clock may be from Discord's: what seems 3 seconds old is dropped,
// and signatures that seem 5 minutes old are refused. Rapport reckons with what
// Discord tells, so that a warning is enough.
const skewWarn = 30 * time.Second

// checkClock compares the machine's clock with the Date of Discord's answers.
func (a *Adapter) checkClock() coach.Finding {
	skew, known := a.api.Skew()
	if !known {
		return warn(nameClock, "Discord did not say what time it is", "compare this machine's clock with another")
	}
	if skew.Abs() <= skewWarn {
		return ok(nameClock, "agrees with Discord's")
	}
	where := "behind"
	if skew < 0 {
		where = "ahead of"
	}
	return warn(nameClock, fmt.Sprintf("this machine's clock is %v %s Discord's", skew.Abs().Round(time.Second), where),
		"set the clock, and let it be kept right: timedatectl set-ntp true")
}

// finding says what an error means for whoever runs the coach: a warning where
// it leaves open how things are. fix is what to do if the error itself does not
// say.
func finding(name string, err error, fix string) coach.Finding {
	if why := fatal(err); why != nil {
		text, fix, _ := strings.Cut(why.Error(), ": ")
		return failed(name, text, fix)
	}
	return warn(name, "could not be found out: "+told(err).Error(), fix)
}

// told is err without anything that is not for a log.
func told(err error) error {
	if e, ok := errors.AsType[*rest.Error](err); ok {
		return e
	}
	return surface.Bare(err)
}
