package coach

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// A Form asks a person to type or pick. The answers come back as a [Request]
// for Action with Answers set.
type Form struct {
	Title  string
	Lead   Text // what to read before answering, above the inputs; may be empty
	Action Action
	Submit string // label of the button that sends it
	Inputs []Input
}

// An Input is one question of a Form.
type Input struct {
	Name     string // key in Request.Answers, lower-case letters
	Label    string
	Hint     string // a line below the label
	Kind     InputKind
	Options  []Option // for PickOne and PickMany
	Value    string   // filled in beforehand; for PickMany and PickChannel as in Request.Answers
	Max      int      // characters; 0 means the kind's own limit
	Optional bool
}

// An InputKind is the shape of an answer.
type InputKind uint8

// The shapes of an answer.
const (
	Line        InputKind = iota // one line of text
	Long                         // several lines of text
	PickOne                      // one Option's Value
	PickMany                     // any number of Options' Values, joined by commas
	PickChannel                  // the platform's id of a channel of the team
)

// An Option is a possible answer, or a completion of what is being typed.
type Option struct {
	Label string
	Value string
}

// Limits that every surface can meet. Sources: Slack (modal title, submit 24),
// Discord (5 inputs, label 45, description and option 100).
const (
	MaxFormTitle  = 24
	MaxLead       = 1000
	MaxSubmit     = 24
	MaxInputs     = 5
	MaxInputLabel = 45
	MaxHint       = 100
	MaxLine       = 150  // characters in a Line, unless Max says less
	MaxLong       = 2000 // characters in a Long, unless Max says less
)

// Limit returns the number of characters that may be typed.
func (in Input) Limit() int {
	limit := MaxLine
	if in.Kind == Long {
		limit = MaxLong
	}
	if in.Max > 0 {
		return min(in.Max, limit)
	}
	return limit
}

// Check reports every limit that f breaks.
func (f Form) Check() error {
	var errs []error
	long := func(what, s string, limit int) {
		if n := utf8.RuneCountInString(s); n == 0 || n > limit {
			errs = append(errs, fmt.Errorf("%s %q takes %d characters, want 1 to %d", what, s, n, limit))
		}
	}
	long("title", f.Title, MaxFormTitle)
	long("submit", f.Submit, MaxSubmit)
	if n := f.Lead.weight(); n > MaxLead {
		errs = append(errs, fmt.Errorf("lead takes %d characters, limit %d", n, MaxLead))
	}
	if n := len(f.Inputs); n == 0 || n > MaxInputs {
		errs = append(errs, fmt.Errorf("%d inputs, want 1 to %d", n, MaxInputs))
	}
	seen := make(map[string]bool)
	for _, in := range f.Inputs {
		long("label", in.Label, MaxInputLabel)
		if in.Hint != "" {
			long("hint", in.Hint, MaxHint)
		}
		if in.Name == "" || seen[in.Name] {
			errs = append(errs, fmt.Errorf("input name %q is empty or taken", in.Name))
		}
		seen[in.Name] = true
		if picks := in.Kind == PickOne || in.Kind == PickMany; picks != (len(in.Options) > 0) || len(in.Options) > MaxOptions {
			errs = append(errs, fmt.Errorf("input %q has %d options", in.Name, len(in.Options)))
		}
		for _, o := range in.Options {
			long("option", o.Label, MaxLabel)
			long("option value", o.Value, MaxAction)
		}
		if n := utf8.RuneCountInString(in.Value); n > in.Limit() && in.Kind <= Long {
			errs = append(errs, fmt.Errorf("input %q is filled in with %d characters, limit %d", in.Name, n, in.Limit()))
		}
	}
	if _, err := f.Action.Encode(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
