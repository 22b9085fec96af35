package components

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A sent is a part of a sent modal: a label, or what is in it.
type sent struct {
	CustomID   string   `json:"custom_id"`
	Value      string   `json:"value"`
	Values     []string `json:"values"`
	Component  *sent    `json:"component"`
	Components []sent   `json:"components"` // of a row, which forms were made of before there were labels
}

// Submitted returns what a sent form asks for, and the answers by the name of
// their input, "" where nothing was typed or picked. data is the data of an
// interaction of type 5. What is not as expected in it is left out; only what is
// no JSON is an error, which repeats none of it.
func Submitted(data json.RawMessage) (action coach.Action, answers map[string]string, err error) {
	var form sent
	answers = make(map[string]string)
	if err := json.Unmarshal(data, &form); err != nil {
		if _, odd := errors.AsType[*json.UnmarshalTypeError](err); !odd { // the rest was read then
			return coach.DecodeAction(""), answers, fmt.Errorf("read form: %w", surface.Bare(err))
		}
	}
	for _, part := range form.Components {
		part.answer(answers)
	}
	return coach.DecodeAction(form.CustomID), answers, nil
}

// answer puts into answers what was typed or picked in s, in the form of
// Request.Answers.
func (s *sent) answer(answers map[string]string) {
	if s.CustomID != "" {
		answers[s.CustomID] = s.Value
		if len(s.Values) > 0 {
			answers[s.CustomID] = strings.Join(s.Values, ",")
		}
	}
	if s.Component != nil {
		s.Component.answer(answers)
	}
	for i := range s.Components {
		s.Components[i].answer(answers)
	}
}
