package store_test

func writeUntilKilled(string) int { return 2 }
