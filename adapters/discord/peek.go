package discord

import (
	"bytes"

	"rapport/adapters/discord/peek"
)

// peekInteraction reads what matters of an interaction, and not the rest, which
// is most. It is not ok if something is written in an unusual way.
func peekInteraction(raw []byte) (in *interaction, ok bool) {
	in = &interaction{}
	ok = peek.Object(raw, func(key, value []byte) (ok bool) {
		if peek.Null(value) && string(key) != "data" {
			return true
		}
		switch string(key) {
		case "id":
			in.ID, ok = peek.Text(value)
		case "application_id":
			in.App, ok = peek.Text(value)
		case "type":
			var n int64
			n, ok = peek.Number(value)
			in.Kind = kind(n)
		case "data":
			in.Data, ok = bytes.Clone(value), true
		case "guild_id":
			in.Guild, ok = peek.Text(value)
		case "channel_id":
			in.Channel, ok = peek.Text(value)
		case "member":
			in.Member = &member{}
			ok = in.Member.peek(value)
		case "user":
			in.User = &user{}
			ok = in.User.peek(value)
		case "token":
			in.Token, ok = peek.Text(value)
		case "message":
			in.Message = &pressed{}
			ok = in.Message.peek(value)
		case "locale":
			in.Locale, ok = peek.Text(value)
		case "guild_locale":
			in.GuildLocale, ok = peek.Text(value)
		case "context":
			var n int64
			n, ok = peek.Number(value)
			where := int(n)
			in.Context = &where
		case "authorizing_integration_owners":
			ok = in.Owners.peek(value)
		default:
			ok = true
		}
		return ok
	})
	return in, ok
}

func (m *member) peek(raw []byte) bool {
	return peek.Object(raw, func(key, value []byte) (ok bool) {
		switch string(key) {
		case "user":
			ok = m.User.peek(value)
		case "permissions":
			m.Permissions, ok = peek.Text(value)
		default:
			ok = true
		}
		return ok
	})
}

func (u *user) peek(raw []byte) bool {
	return peek.Object(raw, func(key, value []byte) (ok bool) {
		switch string(key) {
		case "id":
			u.ID, ok = peek.Text(value)
		case "bot":
			u.Bot, ok = string(value) == "true", string(value) == "true" || string(value) == "false"
		default:
			ok = true
		}
		return ok
	})
}

func (p *pressed) peek(raw []byte) bool {
	return peek.Object(raw, func(key, value []byte) (ok bool) {
		if string(key) != "flags" {
			return true
		}
		n, ok := peek.Number(value)
		p.Flags = int(n)
		return ok
	})
}

func (o *owners) peek(raw []byte) bool {
	return peek.Object(raw, func(key, value []byte) (ok bool) {
		if string(key) != "0" {
			return true
		}
		o.Server, ok = peek.Text(value)
		return ok
	})
}

// peekTyped is what typed reads of the data of a command. It is not ok if
// something is written in an unusual way.
func peekTyped(data []byte) (name, text string, ok bool) {
	ok = peek.Object(data, func(key, value []byte) (ok bool) {
		switch string(key) {
		case "name":
			name, ok = peek.Text(value)
		case "options":
			ok = peek.List(value, func(option []byte) bool {
				of, said, ok := peekOption(option)
				if of == whatOption {
					text = said
				}
				return ok
			})
		default:
			ok = true
		}
		return ok
	})
	return name, text, ok
}

// peekOption reads one option of a command that was typed.
func peekOption(raw []byte) (name, text string, ok bool) {
	var value []byte
	ok = peek.Object(raw, func(key, v []byte) (ok bool) {
		switch string(key) {
		case "name":
			name, ok = peek.Text(v)
		case "value":
			value, ok = v, true
		default:
			ok = true
		}
		return ok
	})
	if ok && name == whatOption {
		text, ok = peek.Text(value)
	}
	return name, text, ok
}
