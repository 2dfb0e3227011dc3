package main

// What the tickets of the demo say. The log has no texts; these are invented.

func demoHelp() []demoTopic {
	return []demoTopic{
		{"Le vidéoprojecteur de l’amphi B reste noir", "Depuis **lundi**, rien ne s’affiche :\n\n- la lampe s’allume quelques secondes,\n- puis plus rien.", "hardware", "Amphi B"},
		{"Plus de réseau filaire au deuxième étage", "Toutes les prises du couloir est sont mortes.", "network", "Couloir 2 est"},
		{"Compte bloqué après trois mots de passe faux", "J’ai changé de clavier hier, le pavé numérique était éteint.", "account", ""},
		{"L’imprimante de la salle des professeurs sort des pages blanches", "Le bac 2 est plein, le toner vient d’être changé.", "hardware", "Salle des professeurs"},
		{"The clock in the lecture hall is five minutes late", "It was right before the summer.", "hardware", "Amphi A"},
		{"Wi-Fi drops every few minutes in the library", "Mostly near the windows, on the *eduroam* network.", "network", "Bibliothèque"},
		{"Écran cassé sur un poste", "Une fissure en bas à gauche ; on lit encore à peu près.", "hardware", "B12"},
		{"Accès au partage réseau du service", "Il me faut lire et écrire dans le dossier *Inscriptions*.", "account", "Scolarité"},
		{"Deux prises de plus pour la salle de réunion", "Les ordinateurs portables des jurys n’ont pas assez d’autonomie pour une journée.", "hardware", "Salle de réunion"},
		{"No sound in the language laboratory", "Twelve of the sixteen headsets stay silent.", "hardware", "L3"},
		{"Une nouvelle collègue a besoin d’une adresse", "Elle arrive le premier du mois, au secrétariat.", "account", "Secrétariat"},
		{"Le poste de l’accueil met dix minutes à démarrer", "C’est pire le lundi matin.", "hardware", "Accueil"},
		{"VPN: the connection is refused from home", "The message says *certificate expired*.", "network", ""},
		{"Câble de brassage débranché dans le local technique", "La moitié du rez-de-chaussée n’a plus de téléphone.", "network", "Local 017"},
	}
}

func demoPeda() []demoTopic {
	return []demoTopic{
		{"Quiz results are not shown to students", "They see *attempt finished*, and no grade.", "bug", ""},
		{"Ajouter des sous-titres aux vidéos de cours", "Deux étudiants malentendants suivent le module ce semestre.", "wish", ""},
		{"Les devoirs rendus en ZIP ne s’ouvrent pas", "Seulement ceux qui dépassent 20 Mo.", "bug", ""},
		{"How do I copy a course to next year?", "With its quizzes, and without its students.", "question", ""},
		{"Le forum n’envoie plus de messages", "Plus rien depuis jeudi, pour personne.", "bug", ""},
		{"Inscrire un groupe entier d’un coup", "J’ai la liste dans un tableur, 120 noms.", "question", ""},
		{"Formulas are cut off on phones", "The right part of long equations is not shown.", "bug", ""},
		{"Un barème par critères pour les oraux", "Cinq critères, notés de 0 à 4.", "wish", ""},
		{"La date de remise change d’une heure", "Elle avance d’une heure quand on modifie le devoir.", "bug", ""},
	}
}

func demoLabo() []demoTopic {
	return []demoTopic{
		{"Le logiciel de simulation demande une licence", "Les 24 postes affichent le même message.", "", "TP 104"},
		{"Oscilloscope 7 does not start", "The fan turns, the screen stays dark.", "", "TP 201"},
		{"Mettre à jour l’environnement Python", "La version installée n’a plus de correctifs.", "", "TP 105"},
		{"Une balance n’est plus juste", "Elle indique 3 g à vide.", "", "TP 212"},
		{"Clone the image to six new machines", "They stand in their boxes, next to the door.", "", "TP 104"},
		{"Le clavier braille n’est pas reconnu", "Il fonctionne sur un autre poste.", "", "TP 105"},
	}
}

// demoQuestions come with tickets that wait for their reporters.
func demoQuestions() []string {
	return []string{
		"Depuis quand exactement ? Et sur quel poste ?", "Could you send us a picture of the message?", "Pouvez-vous réessayer et nous dire ce qui s’affiche ?",
		"Which browser do you use?", "Est-ce encore le cas ce matin ?",
	}
}

// demoRemarks are said meanwhile.
func demoRemarks() []string {
	return []string{
		"Je passe cet après-midi.", "The part is ordered; it should come on Thursday.", "C’est le même défaut que la semaine dernière, je regarde.",
		"I could reproduce it.", "Vu avec le fournisseur, il rappelle.", "Merci, c’est noté.",
	}
}

// demoSolutions are how tickets were solved.
func demoSolutions() []string {
	return []string{
		"Remplacé par un appareil neuf.", "Restarted the service; it is watched now.", "Le câble était débranché, je l’ai fixé.", "A setting was wrong; it is right again.",
		"Compte débloqué, nouveau mot de passe donné.", "Updated to the current version.", "Réglé à distance avec l’utilisateur.",
	}
}
