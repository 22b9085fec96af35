package coach

import "context"

// movedCommand is what a surface sends when its platform tells that a person's
// time zone or language has changed. Nobody sees the reply.
func movedCommand() Command { return Command{Verb: "moved", Hidden: true, Unseen: true, Run: runMoved} }

// runMoved takes the zone over as the person's next press would, for who is
// known and named none themselves. The language needs nothing: each request
// tells it anew.
func runMoved(ctx context.Context, v *visit) (Reply, error) {
	if ch := (Change{Unseen: true}); v.self.Known {
		if v.followZone(&ch); ch.Zone != "" {
			if _, err := v.apply(ctx, ch); err != nil {
				return Reply{}, err
			}
		}
	}
	return answer("", []Section{{Text: v.say.text("Your time zone here follows the one you set in this chat, unless you named another.")}},
		v.button("Your settings", Do("settings")), v.button("Home", Do("home"))), nil
}
