package backoffice

// What the tests of the package look at from outside.
var (
	ReadLines  = readLines
	WriteLines = writeLines
)
