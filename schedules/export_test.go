package schedules

// ZoneNames is for the tests outside this package.
var ZoneNames = allZones
