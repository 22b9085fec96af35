package discord

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

// A registered is a command as Discord offers it
// (https://discord.com/developers/docs/interactions/application-commands).
type registered struct {
	Name         string            `json:"name"`
	Description  string            `json:"description"`
	Descriptions map[string]string `json:"description_localizations,omitempty"`
	Type         int               `json:"type"`
	Options      []option          `json:"options"`
	Rights       *string           `json:"default_member_permissions"` // nil: anybody
	Contexts     []int             `json:"contexts"`                   // 0 servers, 1 direct messages with the app, 2 other direct messages
	Installs     []int             `json:"integration_types"`          // 0 in servers, 1 for oneself
}

// An option is what can be typed behind a command.
type option struct {
	Type         int               `json:"type"`
	Name         string            `json:"name"`
	Names        map[string]string `json:"name_localizations,omitempty"`
	Description  string            `json:"description"`
	Descriptions map[string]string `json:"description_localizations,omitempty"`
	Autocomplete bool              `json:"autocomplete"`
}

const (
	chatCommand    = 1
	textOption     = 3
	manageServer   = "32"
	maxDescription = 100
	maxOptionName  = 32
)

// whatHint is the description of the option.
const whatHint = "a step, or what is on your mind"

// commands are all that is registered. Whatever can be typed behind them is the
// coach's to read.
func commands() []registered {
	rights := manageServer
	home, setup := summary("home"), summary("setup")
	what := []option{{
		Type: textOption, Name: whatOption, Names: localized(whatOption, nameable),
		Description: line(whatHint), Descriptions: localized(whatHint, line), Autocomplete: true,
	}}
	return []registered{
		{Name: mainCommand, Description: line(home), Descriptions: localized(home, line), Type: chatCommand,
			Options: what, Contexts: []int{0, 1, 2}, Installs: []int{0, 1}},
		{Name: adminCommand, Description: line(setup), Descriptions: localized(setup, line), Type: chatCommand,
			Options: what, Rights: &rights, Contexts: []int{0}, Installs: []int{0}},
	}
}

// summary is what the coach says of the command with that verb.
func summary(verb string) string {
	for _, c := range coach.Commands() {
		if c.Verb == verb {
			return c.Summary
		}
	}
	return verb
}

func line(s string) string { return surface.Line(s, maxDescription) }

// nameable is s as the name of an option; "" if it cannot be one.
func nameable(s string) string {
	if s = strings.ToLower(s); strings.ContainsAny(s, " '.,") || !surface.Fits(s, maxOptionName) {
		return ""
	}
	return s
}

// locales are Discord's names of a language.
func locales(lang string) []string {
	switch lang {
	case "en":
		return []string{"en-US", "en-GB"}
	case "es":
		return []string{"es-ES", "es-419"}
	case "pt":
		return []string{"pt-BR"}
	case "sv":
		return []string{"sv-SE"}
	case "zh":
		return []string{"zh-CN", "zh-TW"}
	}
	return []string{lang}
}

// localized is one of our sentences by Discord's names of the languages that
// the coach speaks besides English, each made fit by fit; nil for none.
func localized(sentence string, fit func(string) string) map[string]string {
	return inLanguages(coach.Languages(), coach.Translate, sentence, fit)
}

// inLanguages is localized for given languages, the first of which is that of
// sentence.
func inLanguages(languages []string, translate func(lang, sentence string) (string, error), sentence string, fit func(string) string) map[string]string {
	var out map[string]string
	for _, lang := range languages[1:] {
		words, err := translate(lang, sentence)
		if words = fit(words); err != nil || words == "" || words == sentence {
			continue
		}
		for _, name := range locales(lang) {
			if out == nil {
				out = make(map[string]string)
			}
			out[name] = words
		}
	}
	return out
}

// memoryKey is where it is kept what was registered.
const memoryKey = "discord.commands"

// place is the path at which the commands of app are registered.
func (a *Adapter) place(app string) string {
	if a.DevGuild != "" {
		return "/applications/" + app + "/guilds/" + a.DevGuild + "/commands"
	}
	return "/applications/" + app + "/commands"
}

// register registers the commands, until Discord takes them or ctx is done. If
// Memory says that it has these already, it is not called.
func (a *Adapter) register(ctx context.Context, app string) {
	place, all := a.place(app), commands()
	sum := digest(place, all)
	if a.Memory != nil {
		last, err := a.Memory.Recall(ctx, memoryKey)
		if err != nil {
			a.Notify(Notice{What: "memory failed", Err: err})
		}
		if sum != "" && last == sum {
			return
		}
	}
	for tries := 0; ; tries++ {
		err := a.put(ctx, place, all)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return
		}
		a.Notify(Notice{What: "commands not registered", Err: err})
		if !pause(ctx, tries, err) {
			return
		}
	}
	a.Notify(Notice{What: "commands registered", Count: len(all)})
	if a.Memory == nil {
		return
	}
	if err := a.Memory.Remember(ctx, memoryKey, sum); err != nil {
		a.Notify(Notice{What: "memory failed", Err: err})
	}
}

// put registers all in place of what was registered there.
func (a *Adapter) put(ctx context.Context, place string, all []registered) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return a.api.Do(ctx, rest.Call{Method: http.MethodPut, Path: place, Route: "PUT commands", Body: all}, nil)
}

// digest is a short name of what is registered where.
func digest(place string, all []registered) string {
	body, err := json.Marshal(all)
	if err != nil { // cannot be; but what is not known is registered
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", place, body))
	return hex.EncodeToString(sum[:])
}
