// A process that loads one function as Lambda does at an instance's start, and prints the CPU time of that.
await import(process.argv[2]);
const { user, system } = process.cpuUsage();
process.stdout.write(String(user + system), () => process.exit(0));
