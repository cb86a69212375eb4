System.Console.WriteLine("Spn");
