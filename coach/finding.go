package coach

import "context"

// A Finding is what one check of the installation found, for whoever runs it.
type Finding struct {
	Name  string // what was checked, such as "slack: bot token"
	Level Level
	Why   string // what is so, without secrets
	Fix   string // exactly what to do; "" for OK
}

// A Level says how bad a Finding is.
type Level string

// The levels of a Finding.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// A Checker checks its own part of the installation. Chat surfaces may be one.
type Checker interface {
	Check(ctx context.Context) []Finding
}
