package access

import "suivi/passwords"

// maxPassword is how long a password may be, in bytes.
const maxPassword = 1 << 10

// Hash makes a password fit to be stored.
func Hash(password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	return passwords.New(password).String(), nil
}

// IsHash tells whether a stored password is of our kind. The real server has another one.
func IsHash(text string) bool {
	_, err := passwords.Parse(text)
	return err == nil
}
