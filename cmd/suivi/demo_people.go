package main

import (
	"strings"

	"suivi/accounts"
)

// demoLogin is somebody of the demo to sign in as.
type demoLogin struct {
	accounts.Person

	role string // what they are, in words
}

// The people of the demo who have passwords.
const (
	demoReporter  = "Emma Bovary"
	demoDeveloper = "Jean Passepartout"
	demoManager   = "Phileas Fogg"
	demoAdmin     = "Irene Adler"
)

func demoLogins() []demoLogin {
	return []demoLogin{
		{demoPerson(demoReporter), "reporter"}, {demoPerson(demoDeveloper), "developer"},
		{demoPerson(demoManager), "manager"}, {demoPerson(demoAdmin), "administrator"},
	}
}

// demoReporters report tickets.
func demoReporters() []string {
	return []string{
		demoReporter, "Edmond Dantès", "Cosette Fauchelevent", "Julien Sorel", "Elizabeth Bennet", "Jane Eyre", "Tom Sawyer",
		"Constance Bonacieux", "Cyrano de Bergerac", "Delphine de Nucingen", "Dorothea Brooke", "Gavroche Thénardier", "Fabrice del Dongo", "Jo March",
	}
}

// demoStaff stand for those who act in the log: the first for "Value 1", and so on.
func demoStaff() []string {
	return []string{
		demoManager, demoDeveloper, "Pierre Aronnax", "Ned Land", "Axel Lidenbrock", "Grauben Virlandaise", "Michel Strogoff", "Nadia Fédor",
		"Arsène Lupin", "John Watson", "Jean Valjean", "Roxane Robin", "Sherlock Holmes", "Eugène de Rastignac", "Fitzwilliam Darcy", "Emma Woodhouse",
		"Charles Bovary", "Mary Lennox", "David Copperfield", "Becky Sharp", "Philip Pirrip", "Dora Spenlow",
	}
}

func demoPeople() []accounts.Person {
	people := []accounts.Person{demoPerson(demoAdmin)}
	for _, name := range append(demoStaff(), demoReporters()...) {
		people = append(people, demoPerson(name))
	}
	return people
}

func demoPerson(name string) accounts.Person {
	return accounts.Person{Name: name, Email: demoEmail(name), TimeZone: "Europe/Paris", Admin: name == demoAdmin}
}

func demoEmail(name string) string {
	plain := strings.NewReplacer(" ", ".", "é", "e", "è", "e").Replace(strings.ToLower(name))
	return plain + "@demo.example"
}
