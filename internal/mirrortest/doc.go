// Package mirrortest is the contract of tools that have twins of tickets: what every
// mirror.Tool must stand, against a real one of its kind. The event store, the database
// and the framework are real too; between the tool and its site is a proxy that cuts
// connections before or after a request was carried out.
package mirrortest
