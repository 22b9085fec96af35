package main

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"rapport/coach"
	"rapport/schedules"
)

// Metrics counts what the program does, in a registry of its own. No label
// names a person, a team or a channel, and none takes a value from outside:
// verbs and kinds are those the program knows.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	answers    *prometheus.HistogramVec
	deliveries *prometheus.CounterVec
	inDoubt    prometheus.Counter
	notices    *prometheus.CounterVec
	verbs      verbs
	kinds      map[string]coach.Speaker // only the names matter
}

// A recorder is told how each try to deliver ended.
type recorder interface {
	Delivered(kind, fate string)
}

var _ recorder = (*Metrics)(nil)

func newMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_requests_total", Help: "Requests answered, by verb and outcome (ok, form, faults, limited, timeout, error, panic).",
		}, []string{"verb", "outcome"}),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rapport_answer_seconds", Help: "Time from a request to its answer, by verb.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .4, 1, 3, 10},
		}, []string{"verb"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_deliveries_total", Help: "Tries to deliver, by kind of message and fate (done, ready, in_doubt, dead).",
		}, []string{"kind", "fate"}),
		inDoubt: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_deliveries_in_doubt_total", Help: "Deliveries of which it is not known whether they arrived.",
		}),
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_platform_notices_total", Help: "What happened to the connection of a chat platform, such as connected or reconnecting.",
		}, []string{"platform", "what"}),
		verbs: newVerbs(),
		kinds: new(coach.Coach).Speakers(),
	}
	m.registry.MustRegister(m.requests, m.answers, m.deliveries, m.inDoubt, m.notices,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Delivered implements [recorder].
func (m *Metrics) Delivered(kind, fate string) {
	if _, ok := m.kinds[kind]; !ok {
		kind = other
	}
	switch schedules.State(fate) {
	case schedules.InDoubt:
		m.inDoubt.Inc()
	case schedules.Ready, schedules.Sending, schedules.Done, schedules.Dead:
	default:
		fate = other
	}
	m.deliveries.WithLabelValues(kind, fate).Inc()
}

// watchLag adds how long the oldest due row has waited, asked at each scrape.
func (m *Metrics) watchLag(lag func(context.Context) (time.Duration, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rapport_due_lag_seconds", Help: "How long the oldest due row has waited, on the coach clock; NaN if the database does not answer.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), checkTime)
		defer cancel()
		d, err := lag(ctx)
		if err != nil {
			return math.NaN()
		}
		return d.Seconds()
	}))
}

// measured returns a Handler that counts and times what h answers.
func measured(h coach.Handler, m *Metrics) coach.Handler { return &measuring{h, m} }

type measuring struct {
	coach.Handler
	metrics *Metrics
}

// Handle implements [coach.Handler].
func (h *measuring) Handle(ctx context.Context, r coach.Request) (reply coach.Reply, err error) {
	start, outcome := time.Now(), "panic"
	defer func() {
		verb := h.metrics.verbs.label(r.Action.Verb)
		h.metrics.requests.WithLabelValues(verb, outcome).Inc()
		h.metrics.answers.WithLabelValues(verb).Observe(time.Since(start).Seconds())
	}()
	reply, err = h.Handler.Handle(ctx, r)
	outcome = outcomeOf(reply, err)
	return reply, err
}

// other stands for every value that is not known.
const other = "other"

// verbs are the verbs of all commands. A request may carry any verb, also one
// that somebody typed or forged.
type verbs map[string]bool

func newVerbs() verbs {
	known := verbs{}
	for _, c := range coach.Commands() {
		known[c.Verb] = true
	}
	return known
}

// label is a verb as logs and metrics show it.
func (v verbs) label(verb string) string {
	if v[verb] {
		return verb
	}
	return other
}
