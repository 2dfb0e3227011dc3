// Package domain holds the words that every part of Suivi shares and the rules
// that need no other part: errors, ids, the metadata of an event, and who may
// do what (access). Trackers and tickets have packages of their own below it.
//
// Nothing here reads a clock, a file or a network.
package domain
