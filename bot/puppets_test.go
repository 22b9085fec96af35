package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"rapport/coach"
)

// An attacker has four accounts in the team, of which one is an admin; three
// others try things, and the author, who is attacked.
var (
	puppets = []string{owner, "zqxuser-p1", "zqxuser-p2", "zqxuser-p3"}
	others  = []string{"zqxuser-h1", "zqxuser-h2", "zqxuser-h3"}
)

// tries lets somebody take up the week's post and say how it went.
func (v *vault) tries(who string) {
	v.Helper()
	home := v.do(who, coach.Do("home", "me"), nil)
	if a, ok := offered(home.Message, "I'm in"); ok {
		v.do(who, a, nil)
	}
	if a, ok := offered(v.do(who, coach.Do("done"), nil).Message, "Well"); ok {
		v.do(who, a, nil)
	}
}

// takesBack undoes that.
func (v *vault) takesBack(who string) {
	v.Helper()
	done := v.do(who, coach.Do("done"), nil)
	for _, label := range []string{"Undo", "Take it back"} {
		if a, ok := offered(done.Message, label); ok {
			v.do(who, a, nil)
		}
	}
}

func offered(m *coach.Message, label string) (coach.Action, bool) {
	if m == nil {
		return coach.Action{}, false
	}
	i := slices.IndexFunc(m.Buttons, func(b coach.Button) bool { return strings.HasPrefix(b.Label, label) })
	if i < 0 {
		return coach.Action{}, false
	}
	return m.Buttons[i].Action, true
}

// aside does something under names of requests that nothing else has, so that
// it moves no other.
func (v *vault) aside(what func()) {
	kept := v.n
	v.n = 1_000_000 + kept*100
	what()
	v.n = kept
}

// moves are what people may do in a week, by what they press.
var moves = []func(v *vault, who string){
	(*vault).tries,
	func(v *vault, who string) { v.tries(who); v.takesBack(who) },
	func(v *vault, who string) { v.do(who, coach.Do("erase", "yes"), nil) },
	func(v *vault, who string) { v.tries(who); v.do(who, coach.Do("erase", "yes"), nil) },
	func(v *vault, who string) { v.do(who, coach.Do("erase", "yes"), nil); v.tries(who) }, // leaves and joins
	func(v *vault, who string) {
		v.do(who, coach.Do("place"), map[string]string{"zone": "Auckland", "mostly": "any", "easier": "any"})
		v.tries(who)
	},
	func(v *vault, who string) {
		v.do(who, coach.Do("write"), map[string]string{"words": "a line"})
	},
	func(*vault, string) {},
}

// sees is everything an attacker's account is shown when it looks around.
func (v *vault) sees(who string) string {
	v.Helper()
	var all strings.Builder
	for _, verb := range []string{"team", "home", "progress", "setup", "season", "data", "activity"} {
		all.WriteString(text(v.T, v.do(who, coach.Do(verb), nil)))
	}
	return all.String()
}

// arrived is what was sent since to the channel and to the attacker's accounts.
func (v *vault) arrived() string {
	var all []string
	for _, p := range v.box.take() {
		if p.to.Kind == coach.InChannel || slices.Contains(puppets, p.to.Person.User) {
			all = append(all, text(v.T, p.m)+text(v.T, p.to))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// TestPuppetsLearnNothing plays some weeks, with -long two seasons, in two worlds that differ in what one
// person does. An attacker with four accounts, an admin's among them, who tries
// and takes back, leaves and joins, moves the post, the clock's zone and the
// weeks, and looks at everything after every step, sees the same in both.
func TestPuppetsLearnNothing(t *testing.T) {
	seeds, weeks := uint64(1), 5
	if *long {
		seeds, weeks = 5, 14
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			worlds := [2]*vault{newVault(t), newVault(t)}
			for _, v := range worlds {
				defer v.close()
				v.setUpTeam(owner)
				for i := range 16 { // who were there once, so that there could be figures
					v.do(fmt.Sprint("zqxuser-idle", i), coach.Do("rhythm"), map[string]string{"rhythm": "weekly", "hour": "540"})
				}
			}
			random, of := rand.New(rand.NewPCG(seed, 7)), [2]*rand.Rand{rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))}
			same := func(what string, look func(v *vault) string) {
				if a, b := look(worlds[0]), look(worlds[1]); a != b {
					t.Fatalf("seed %d, %s: the attacker sees what one person did:\n%s", seed, what, difference(a, b))
				}
			}
			var did [2][]int
			for week := range weeks {
				var does [len("pppphhh")]int
				for i := range does {
					does[i] = random.IntN(len(moves))
				}
				if week%2 == 0 { // as many as are one short of five
					for i := range does {
						does[i] = map[bool]int{true: 0, false: len(moves) - 1}[i%2 == 0]
					}
				}
				does[len(puppets)] = 0 // somebody is always there, so that the posts go on
				day, hour, zone := random.IntN(7), 60*(6+random.IntN(12)), []string{"Berlin", "Auckland", "Honolulu"}[random.IntN(3)]
				ahead := 7 + random.IntN(3)*(week%2)
				for i, v := range worlds {
					move := of[i].IntN(len(moves))
					if week%4 == 0 { // or the simplest: one does and the other does not
						move = i * (len(moves) - 1)
					}
					v.aside(func() { moves[move](v, author) })
					did[i] = append(did[i], move)
					for n, who := range slices.Concat(puppets, others) {
						moves[does[n]](v, who)
					}
				}
				same(fmt.Sprintf("week %d, before the post", week), func(v *vault) string { return v.sees(owner) + v.sees(puppets[1]) })
				for _, v := range worlds {
					if week%3 == 2 { // moves the post
						v.do(owner, coach.Do("setup"), map[string]string{"channel": "general", "day": fmt.Sprint(day), "hour": fmt.Sprint(hour), "zone": zone, "audience": "work"})
						v.do(owner, coach.Do("setup", "start"), nil)
					}
					if err := v.hand.Advance(v.Context(), v.hand.Now().AddDate(0, 0, ahead)); err != nil {
						t.Fatal(err)
					}
				}
				same(fmt.Sprintf("week %d, what arrived", week), (*vault).arrived)
				same(fmt.Sprintf("week %d, after the post", week), func(v *vault) string { return v.sees(owner) + v.sees(puppets[2]) })
			}
			t.Logf("seed %d: one person did %v in one world and %v in the other", seed, did[0], did[1])
		})
	}
}
