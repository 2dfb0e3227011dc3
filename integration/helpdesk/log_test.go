package helpdesk

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

func text(rows ...string) string {
	return strings.Join(header(), ",") + "\n" + strings.Join(rows, "\n") + "\n"
}

func readText(t *testing.T, rows ...string) *Log {
	t.Helper()
	log, err := Read(strings.NewReader(text(rows...)))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

const rest = ",Variant 1,1,Variant 1,Value 1,Value 1,Value 1,Value 1,Value 1,Value 1,Value 1,Value 1,Value 1"

func TestReadSaysWhereWhatAndWhatToDo(t *testing.T) {
	t.Parallel()
	good := "Case 1,Wait,Value 1,2012/10/09 14:50:17.000" + rest
	tests := []struct{ name, file, want string }{
		{"an empty file", "", "the file is empty"},
		{"another header", "a,b\n", "line 1: the header has 2 columns, want 16"},
		{"a header in another order", strings.Replace(text(good), "Case ID,Activity", "Activity,Case ID", 1), `line 1: column 1 is "Activity", want "Case ID"`},
		{"no rows", strings.Join(header(), ",") + "\n", "the file has a header and no rows"},
		{"a short row", text(good, "Case 1,Wait"), "line 3: 2 cells, want 16"},
		{"an unknown activity", text(good, strings.Replace(good, "Wait", "Sleep", 1)), `line 3: unknown activity "Sleep"; correct it`},
		{"a bad time", text(strings.Replace(good, "2012/10/09", "2012-10-09", 1)), `line 2: the time "2012-10-09 14:50:17.000" is not like`},
		{"a case in two parts", text(good, strings.Replace(good, "Case 1", "Case 2", 1), good),
			"line 4: Case 1 goes on here, but it began at line 2 and other cases stand between; sort"},
		{"time going back", text(good, strings.Replace(good, "14:50", "14:49", 1)),
			"line 3: Case 1 goes back in time, from 2012/10/09 14:50:17.000 to 2012/10/09 14:49:17.000; sort"},
		{"no case", text(strings.Replace(good, "Case 1", "", 1)), "line 2: the Case ID must have 1 to 128 bytes"},
		{"nobody", text(strings.Replace(good, "Wait,Value 1", "Wait,", 1)), `line 2: the Resource "" has no letter`},
		{"two variants", text(strings.Replace(good, "1,Variant 1", "1,Variant 2", 1)), "line 2: the two columns Variant differ"},
		{"a long cell", text(strings.Replace(good, "1,Value 1,Value 1,", "1,Value 1,"+strings.Repeat("x", 256)+",", 1)), "longer than 255 characters"},
		{"a line break", text(strings.Replace(good, "Case 1", "\"Case\n1\"", 1)), "line 2: Case ID: a control character or a line break"},
		{"not UTF-8", text(strings.Replace(good, "Value 1", "Val\xffe", 1)), "line 2: Resource: not UTF-8"},
		{"a broken quote", text(good, `"Case 1,Wait`), "mend the quotes"},
		{"a cut gzip", string(zipped(t, text(good))[:40]), "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant … %s …", err, tt.want)
			}
		})
	}
}

func TestReadNamesAllWrongLinesUpToTen(t *testing.T) {
	t.Parallel()
	_, err := Read(strings.NewReader(text(strings.Repeat("x\n", 30))))
	if got := strings.Count(err.Error(), "want 16"); got != 10 {
		t.Errorf("got %d lines named, want 10", got)
	}
}

func TestReadTakesGzipAndAByteOrderMark(t *testing.T) {
	t.Parallel()
	log, err := Read(bytes.NewReader(zipped(t, "\ufeff"+text("Case 1,Wait,Value 1,2012/10/09 14:50:17.000"+rest))))
	if err != nil {
		t.Fatal(err)
	}
	if log.Rows != 1 || log.Cases[0].Rows[0].Line != 2 {
		t.Errorf("got %+v", log)
	}
}

func zipped(t *testing.T, plain string) []byte {
	t.Helper()
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
