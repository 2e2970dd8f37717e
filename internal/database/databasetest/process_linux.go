package databasetest

import "syscall"

// dieWithParent ends the server even when the test binary is killed or runs out of time.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = immediateShutdown }
