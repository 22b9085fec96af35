package coach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// read takes the answers to a form. If one cannot be used, faulty is the reply
// that says why beside each input and keeps what was typed.
func (v *visit) read(ctx context.Context, f Form) (answers map[string]string, faulty *Reply, err error) {
	answers = make(map[string]string, len(f.Inputs))
	faults := make(map[string]Text)
	for _, in := range f.Inputs {
		answer, fault := v.readInput(in, v.Answers[in.Name])
		if answers[in.Name] = answer; fault != nil {
			faults[in.Name] = fault
		}
	}
	if len(faults) == 0 {
		return answers, nil, nil
	}
	faulty, err = v.faulty(ctx, f, faults)
	return nil, faulty, err
}

// readInput checks one answer against its input.
func (v *visit) readInput(in Input, typed string) (answer string, fault Text) {
	answer = cleaned(typed, in.Kind == Long)
	switch n := utf8.RuneCountInString(answer); {
	case answer == "" && !in.Optional:
		return answer, v.say.text("This one is still empty.")
	case answer == "":
		return answer, nil
	case in.Kind <= Long && n > in.Limit():
		return answer, v.say.text("That is %s characters; there is room for %s. Please shorten it a little.", n, in.Limit())
	case in.Kind == PickOne && !hasOption(in.Options, answer):
		return answer, v.say.text("Please pick one of the list.")
	case in.Kind == PickMany:
		for _, one := range strings.Split(answer, ",") {
			if !hasOption(in.Options, one) {
				return answer, v.say.text("Please pick from the list.")
			}
		}
	}
	return answer, nil
}

func hasOption(options []Option, value string) bool {
	return slices.ContainsFunc(options, func(o Option) bool { return o.Value == value })
}

// cleaned is typed text as it is kept: valid UTF-8 without control characters
// and without those that turn the direction of text around.
func cleaned(s string, lines bool) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s))
}

// keepDraft is how long typed words wait behind an Edit button.
const keepDraft = 24 * time.Hour

// faulty keeps what was typed and says what is wrong with it.
func (v *visit) faulty(ctx context.Context, f Form, faults map[string]Text) (*Reply, error) {
	typed := make(map[string]string, len(f.Inputs))
	for _, in := range f.Inputs {
		typed[in.Name] = clip(cleaned(v.Answers[in.Name], in.Kind == Long), in.Limit())
	}
	text := v.say.text("Almost there. Nothing was saved yet:")
	for _, in := range f.Inputs {
		if fault, ok := faults[in.Name]; ok {
			text = Join(text, P("\n"), B(in.Label), P(": "), fault)
		}
	}
	reply := Say(Message{Sections: []Section{{Text: text}}})
	reply.Faults = faults
	if v.Stranger {
		return &reply, nil
	}
	d := Draft{ID: v.mark(), Action: f.Action, Answers: typed, Expires: v.now.Add(keepDraft)}
	if _, err := v.apply(ctx, Change{PutDraft: &d}); err != nil {
		return nil, err
	}
	reply.Message.Sections = append(reply.Message.Sections, Section{Quiet: true, Text: v.say.text("What you typed is kept for a day behind this button, for you alone.")})
	reply.Message.Buttons = []Button{v.primary("Edit", Do("draft", d.ID))}
	return &reply, nil
}

func draftCommand() Command { return Command{Verb: "draft", Hidden: true, Run: runDraft} }

// runDraft opens a form again with what was typed into it.
func runDraft(ctx context.Context, v *visit) (Reply, error) {
	d, ok, err := v.Store.Draft(ctx, v.From, v.Arg(0))
	if err != nil {
		return Reply{}, fmt.Errorf("draft: %w", err)
	}
	cmd, known := v.commands[d.Action.Verb]
	if !ok || !known || d.Expires.Before(v.now) {
		return Reply{}, v.mistake("That draft is gone: I keep them for a day. The form is still there, please open it again.")
	}
	v.Action, v.Answers = d.Action, nil
	reply, err := cmd.Run(ctx, v)
	if err != nil || reply.Form == nil {
		return reply, err
	}
	for i, in := range reply.Form.Inputs {
		if typed, ok := d.Answers[in.Name]; ok {
			reply.Form.Inputs[i].Value = typed
		}
	}
	return reply, nil
}

func deref(r *Reply) Reply {
	if r == nil {
		return Reply{}
	}
	return *r
}
