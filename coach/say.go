package coach

// OneMoment is said when an answer takes longer than [AckWait].
func OneMoment() Reply {
	return Say(Message{Sections: []Section{{Text: P("One moment.")}}})
}

// Sorry is said when something went wrong on our side.
func Sorry() Reply {
	return Say(Message{
		Sections: []Section{{Text: P("Something went wrong on my side, and nothing was changed. Please try that again in a moment.")}},
		Buttons:  []Button{{Label: "Home", Action: Do("home")}},
	})
}
