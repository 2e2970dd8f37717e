//go:build unix

package databasetest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

const immediateShutdown = syscall.SIGQUIT

func chown(dir string, owner *user.User) error {
	uid, gid, err := ids(owner)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

func runAs(c *exec.Cmd, owner *user.User) {
	c.SysProcAttr = &syscall.SysProcAttr{}
	dieWithParent(c.SysProcAttr)
	if owner == nil {
		return
	}
	if uid, gid, err := ids(owner); err == nil {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} // #nosec G115 -- of the system
	}
}

func ids(owner *user.User) (uid, gid int, err error) {
	if uid, err = strconv.Atoi(owner.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(owner.Gid)
	return uid, gid, err
}
