package discordtest

type eyes struct {
	d      *Discord
	viewer string
}

func (d *Discord) eyes(viewer string) eyes { return eyes{d, viewer} }

func (e eyes) plain(markdown string) string { return readable(markdown) }

func readable(markdown string) string { return markdown }

func (d *Discord) ping(m *Message) {}
