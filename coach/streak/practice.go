package streak

// Practices is every practice of the log that counts, by instant. Its Week is the start of the week it keeps, whatever
// week it was meant for: of one week there are as many as [Fold] counts.
func Practices(events []Event) []Event {
	log := live(events)
	restamp(log)
	b := book{}
	var all []Event
	var weeks []day
	for i, e := range log {
		d, _ := e.Date.day()
		if e.practice() {
			all, weeks = append(all, e), append(weeks, b.target(log[:i], e, d))
		}
		b.note(log[:i], e, d)
	}
	for i, w := range weeks {
		all[i].Week = b.cal.week(w).date() // as the calendar has it in the end, see index
	}
	return all
}
