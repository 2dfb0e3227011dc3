package eventlog

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lockFile takes the exclusive lock that goes with the log at path, so that one
// process writes it. The lock is a file of its own because closing any other
// handle of the database would drop the locks that SQLite holds on it. The
// kernel frees it when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = &inUseError{path: path, holder: holder(file)}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := file.Truncate(0); err != nil {
		return nil, errors.Join(fmt.Errorf("write lock file: %w", err), file.Close())
	}
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(fmt.Errorf("write lock file: %w", err), file.Close())
	}
	return file, nil
}

// inUseError: another process has the log open.
type inUseError struct{ path, holder string }

func (e *inUseError) Error() string {
	return e.path + " is in use by another process" + e.holder + ": stop that one first, or choose another data folder"
}

// InUse tells whether another process has the log open.
func InUse(path string) (bool, error) {
	lock, err := lockFile(path)
	if _, inUse := errors.AsType[*inUseError](err); inUse {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, lock.Close()
}

// holder reads who has the lock, for the error message only.
func holder(file *os.File) string {
	text := make([]byte, 20)
	n, _ := file.ReadAt(text, 0)
	pid := strings.TrimSpace(string(text[:n]))
	if pid == "" {
		return ""
	}
	return " (pid " + pid + ")"
}
