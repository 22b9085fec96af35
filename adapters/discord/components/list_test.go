package components

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bwmarrin/discordgo"

	"rapport/coach/coachtest"
)

// Every message of the gallery is written as discordgo writes it.
func TestList(t *testing.T) {
	written := func(v any) (tree any) {
		text, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(text, &tree)
		}
		if err != nil {
			t.Fatal(err)
		}
		return tree
	}
	seen := map[discordgo.ComponentType]bool{}
	for name, m := range coachtest.Gallery() {
		list := Message(m)
		list = append(list, &discordgo.FileComponent{File: discordgo.UnfurledMediaItem{URL: "attachment://x"}})
		if got, want := written(List(list)), written(list); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%v\nwant\n%v", name, got, want)
		}
		for _, c := range parts(list) {
			seen[c.Type()] = true
			if one := bareOne(c); one == any(c) {
				t.Errorf("%s: a component of type %d is written in its own way", name, c.Type())
			}
		}
	}
	if len(seen) < 6 {
		t.Errorf("the gallery has the types %v", seen)
	}
}

// parts are all components of list, nested ones included.
func parts(list []discordgo.MessageComponent) (all []discordgo.MessageComponent) {
	for _, c := range list {
		all = append(all, c)
		switch c := c.(type) {
		case *discordgo.Container:
			all = append(all, parts(c.Components)...)
		case *discordgo.ActionsRow:
			all = append(all, parts(c.Components)...)
		}
	}
	return all
}
