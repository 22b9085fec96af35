package coach

import (
	"errors"
	"fmt"
	"strings"
)

// An Action is what a command, a button, a menu pick or a form asks for: the
// verb of a [Command] and its arguments. Arguments name things (a step, an item
// of the curriculum, a row); they are never authority: whoever presses must own
// what they name.
type Action struct {
	Verb string
	Args []string
}

// Do returns an Action.
func Do(verb string, args ...string) Action { return Action{verb, args} }

// MaxAction is the longest encoded Action in bytes (Discord custom_id).
const MaxAction = 100

// actionVersion is the first character of an encoded Action. Old messages keep
// their buttons for years: a change of meaning needs another character here and
// the old one still understood.
const actionVersion = "1"

var (
	escapeArg   = strings.NewReplacer("%", "%25", ":", "%3A")
	unescapeArg = strings.NewReplacer("%25", "%", "%3A", ":")
)

// Encode returns a in the form a button carries.
func (a Action) Encode() (string, error) {
	if a.Verb == "" {
		return "", errors.New("action has no verb")
	}
	var b strings.Builder
	b.WriteString(actionVersion)
	b.WriteString(escapeArg.Replace(a.Verb))
	for _, arg := range a.Args {
		b.WriteByte(':')
		b.WriteString(escapeArg.Replace(arg))
	}
	if b.Len() > MaxAction {
		return "", fmt.Errorf("action %q takes %d bytes, limit %d", a.Verb, b.Len(), MaxAction)
	}
	return b.String(), nil
}

// DecodeAction is the inverse of [Action.Encode]. Anything else, also an
// encoding of a version this program does not know, gives an Action that the
// coach answers with a kind line and the way home.
func DecodeAction(s string) Action {
	rest, ok := strings.CutPrefix(s, actionVersion)
	if !ok || rest == "" || rest[0] == ':' || len(s) > MaxAction {
		return Action{Verb: verbUnknown}
	}
	parts := strings.Split(rest, ":")
	for i, p := range parts {
		parts[i] = unescapeArg.Replace(p)
	}
	return Action{Verb: parts[0], Args: parts[1:]}
}

// verbUnknown is what an action that cannot be read asks for.
const verbUnknown = "?"
