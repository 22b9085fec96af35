package web

import (
	"html/template"
	"slices"
	"strings"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A sheet is a coach.Form laid out for the template.
type sheet struct {
	Title, Submit, Action string
	Lead                  []part
	Fields                []field
}

type field struct {
	Name, Label, Hint, Value string
	Kind                     string // "line", "long", "choice", "menu", "several"
	Options                  []option
	Limit                    int
	Optional                 bool
}

// fewOptions is how many options are shown all at once; more go into a menu.
const fewOptions = 6

// sheet returns f as HTML.
func (a *Adapter) sheet(f coach.Form) (template.HTML, error) {
	action, err := f.Action.Encode()
	if err != nil {
		return "", err
	}
	out := sheet{Title: surface.Visible(f.Title), Submit: surface.Visible(f.Submit), Action: action, Lead: a.parts(f.Lead)}
	for _, in := range f.Inputs {
		out.Fields = append(out.Fields, a.field(in))
	}
	return template.HTML(a.site.fragment("sheet", out)), nil
}

func (a *Adapter) field(in coach.Input) field {
	out := field{
		Name: in.Name, Label: surface.Visible(in.Label), Hint: surface.Visible(in.Hint), Value: surface.Visible(in.Value),
		Kind: "line", Limit: in.Limit(), Optional: in.Optional,
	}
	chosen := []string{in.Value}
	options := in.Options
	switch in.Kind {
	case coach.Long:
		out.Kind = "long"
	case coach.PickOne:
		out.Kind = "choice"
		if len(options) > fewOptions {
			out.Kind = "menu"
		}
	case coach.PickMany:
		out.Kind = "several"
		chosen = strings.Split(in.Value, ",")
	case coach.PickChannel:
		out.Kind = "menu"
		options = nil
		for _, c := range a.Channels {
			options = append(options, coach.Option{Label: "#" + c.Name, Value: c.ID})
		}
	}
	for _, o := range options {
		out.Options = append(out.Options, option{surface.Visible(o.Label), o.Value, slices.Contains(chosen, o.Value)})
	}
	return out
}
