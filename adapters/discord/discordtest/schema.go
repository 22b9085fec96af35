package discordtest

func (d *Discord) checkSchema(a *ask) {}
