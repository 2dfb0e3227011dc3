// Package conformance proves that the embedded event store is an EventStoreDB to
// its clients: it runs the official Go client's own test suite and the published
// Node clients against it. It holds tests only.
//
// The Go suite (go_client_test.go) is taken from the client's module as it is; one
// file of it, which starts a container, is replaced by ours, which asks this test
// process for a server (hosts_test.go). The database that comes with the suite's
// container is rebuilt from what the suite expects to find in it (dataset_test.go).
// The Node clients (node_test.go) run the script in the folder node, each in a
// process of its own.
//
// What a client shows of one rule of the protocol is tested in package embedded.
package conformance
