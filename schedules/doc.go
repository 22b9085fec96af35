// Package schedules decides when the coach speaks first.
//
// It maps a wish such as "Mondays at 09:00 in Europe/Berlin" to instants, turns
// what is due into deliveries ([Planner]), and brings each delivery to its
// [Sender] at most once ([Courier]); [Runner] keeps both going. It does not
// know what is said, which [coach.Speaker] decides, nor how rows are stored or
// how a platform is reached. Schedules run on the coach clock; leases,
// deadlines and rates on the machine's.
package schedules
